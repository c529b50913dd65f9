/** Types for the used part of the package pgpass, which has none. */
declare module 'pgpass' {
	import type {Writable} from 'node:stream';

	type Wanted = {host: string; port: number; database: string; user: string};
	const pgpass: {
		(wanted: Wanted, done: (password: string | undefined) => void): void;
		warnTo(stream: Writable): Writable;
	};
	export default pgpass;
}
