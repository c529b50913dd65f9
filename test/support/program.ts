/** The built program as npm installs it; `npm test` builds it first. */
import {fileURLToPath} from 'node:url';

export const node = process.execPath;

export const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
