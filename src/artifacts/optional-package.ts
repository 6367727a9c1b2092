import { ArtifactError, shown } from './failure.js';

/**
 * Loads an SDK that only those need whose artifacts lie there.
 * @throws ArtifactError `package`, with the command that installs it
 */
export async function optionalPackage<T>(name: string, load: () => Promise<T>, uri: string): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    throw new ArtifactError(
      'package',
      uri,
      `the artifacts at ${shown(uri)} need the npm package ${name}, which is not installed`,
      `npm install ${name}   (with -g if mltrack is installed so)`,
    );
  }
}
