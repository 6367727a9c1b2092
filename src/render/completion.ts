import { script } from '@bomb.sh/tab';

/** The shells that a script can be printed for. */
export const shells = ['bash', 'zsh', 'fish'] as const;

/**
 * Prints the script that makes a shell ask `mltrack complete -- WORDS…` for candidates. Those for zsh and fish are
 * @bomb.sh/tab's (which are Cobra's); that for zsh says so when it asks, as it loses the backslash which a colon needs in
 * a candidate. Its script for bash needs the package bash-completion, completes neither names of
 * files nor the value in `--to=3`, and cannot be read twice in one shell (0.0.22); ours speaks the same to mltrack.
 */
export function printCompletion(shell: (typeof shells)[number]): void {
  if (shell === 'bash') process.stdout.write(bash);
  else script(shell, 'mltrack', shell === 'zsh' ? 'MLTRACK_COMPLETE=zsh mltrack' : 'mltrack');
}

/**
 * bash parts words at each of COMP_WORDBREAKS, URIs at their colons: they are put together again, and of what is
 * completed the part before the last colon is left out, which bash keeps.
 */
const bash = `# bash completion for mltrack: source <(mltrack completion bash)

_mltrack() {
    local line=\${COMP_LINE:0:COMP_POINT} rest i word
    local -a words=()
    rest=$line
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=\${COMP_WORDS[i]}
        if [[ $rest == [[:space:]]* ]]; then
            rest=\${rest#"\${rest%%[![:space:]]*}"}
            words+=("")
        elif ((i == 0)); then
            words+=("")
        fi
        ((i == COMP_CWORD)) && word=$rest
        words[\${#words[@]}-1]+=$word
        rest=\${rest#"$word"}
    done

    local cur=\${words[\${#words[@]}-1]} out directive
    out=$("\${words[0]}" complete -- "\${words[@]:1}" 2>/dev/null) || return
    directive=\${out##*:}
    out=\${out%:*}

    COMPREPLY=()
    [[ $cur == --*=* ]] && cur=\${cur#*=}
    local before=\${cur%"\${cur##*:}"} candidate
    [[ $COMP_WORDBREAKS == *:* ]] || before=
    while IFS=$'\\t' read -r candidate _; do
        [[ $candidate && $candidate == "$cur"* ]] && COMPREPLY+=("\${candidate#"$before"}")
    done <<<"$out"

    # 2: no space behind it, 4: no names of files, 32: in this order; bash 3 cannot be told.
    ((directive & 2)) && compopt -o nospace 2>/dev/null
    ((directive & 4)) && compopt +o default 2>/dev/null
    ((directive & 32)) && compopt -o nosort 2>/dev/null
    return 0
}

complete -o default -F _mltrack mltrack
`;
