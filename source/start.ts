#!/usr/bin/env node
/** Where the built program begins: compiled code out of the cache from the second start on, then the front door. */
import './node-version.ts';
import {enableCompileCache} from 'node:module';
import {homedir} from 'node:os';
import path from 'node:path';

// Set before anything else is loaded. Where it can't be written, Node.js goes on without it.
enableCompileCache(
	process.env.NODE_COMPILE_CACHE ??
		path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'pgha-top'),
);
await import('../cli.tsx');
