import { TransformStream } from 'node:stream/web';

/**
 * What `work` pushes, to be pulled: `push` waits until its text is wanted, so that nothing is gathered in between.
 * Who stops pulling makes the next `push` fail.
 */
export async function* pulled(
  work: (push: (text: string) => Promise<void>) => Promise<void>,
): AsyncGenerator<string> {
  const { readable, writable } = new TransformStream<string, string>();
  const writer = writable.getWriter();
  const ended = work((text) => writer.write(text)).then(
    () => writer.close(),
    (error) => writer.abort(error),
  );
  ended.catch(() => undefined);
  yield* readable;
  await ended;
}
