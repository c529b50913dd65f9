#!/usr/bin/env node
/** Where the built program begins: compiled code out of the cache from the second start on, then the front door. */
import './node-version.ts';
import {existsSync} from 'node:fs';
import {enableCompileCache} from 'node:module';
import {homedir} from 'node:os';
import path from 'node:path';

const {XDG_CACHE_HOME: caches} = process.env;
const place = caches ? path.join(caches, 'pgha-top') : path.join(homedir(), '.cache', 'pgha-top');
// Set before anything else is loaded; where it can't be written, Node.js goes on without it. A home is never made.
if (existsSync(caches || homedir())) {
	enableCompileCache(place);
}

await import('../cli.tsx');
