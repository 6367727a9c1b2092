#!/usr/bin/env node
import { main } from '../dist/main.js';

await main(process.argv);

// A request that its SDK cannot take back (Google's has no way to) must not keep a finished command alive.
const end = () => (process.stdout.writableLength > 0 ? endSoon() : process.exit());
const endSoon = () => setTimeout(end, 1000).unref();
endSoon();
