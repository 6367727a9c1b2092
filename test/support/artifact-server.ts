import type { ArtifactOptions } from '../../src/artifacts/store.js';
import type { Fault, FaultProxy } from './fault-proxy.js';

/** A real server of artifacts, as the contract of all stores needs it. */
export interface ArtifactServer {
  /** The URI above all items, without a last slash. */
  readonly root: string;
  /** The same in a bucket that does not exist; null where there are none. */
  readonly missing: string | null;
  /** Between the store and the server; null where no network is. */
  readonly proxy: FaultProxy | null;
  readonly options: ArtifactOptions;
  /** What no message may show. */
  readonly secret: string;
  /** The server's own words for "slower" and "no". */
  readonly slowDown: Fault;
  readonly denied: Fault;
  /** Writes a file below the root. */
  put(key: string, body: string): Promise<void>;
  stop(): Promise<void>;
}
