/**
 * A socket in the folder of a watch, which exists once: a process that can connect to it knows that the watch runs. The system closes
 * it with the process, also after kill -9.
 */
import {chmodSync, closeSync, linkSync, openSync, renameSync, rmSync, statSync} from 'node:fs';
import {connect, createServer, type Server} from 'node:net';
import path from 'node:path';
import {errnoWords, errorCode, isMissing} from '../lib/faults.ts';
import {RecordingError} from './schema.ts';
import type {WatchModes} from './watch-files.ts';

const socketName = 'watch.socket';
/** Bytes of a path that fit into the address of a socket. */
const pathMaxBytes = 100;
/** Watches that start at the same moment may each remove what a killed one left. */
const attemptsMax = 5;

export class WatchLock {
	readonly #folder: string;
	readonly #server: Server;
	readonly #identity: string | undefined;
	readonly #close: () => void;

	private constructor(folder: string, server: Server, close: () => void) {
		this.#folder = folder;
		this.#server = server;
		this.#close = close;
		this.#identity = identityOf(path.join(folder, socketName));
	}

	/** @throws RecordingError if another watch has it, or the folder cannot be used */
	static async take(folder: string, {file: mode}: WatchModes): Promise<WatchLock> {
		const place = path.join(folder, socketName);
		try {
			for (let attempt = 0; attempt < attemptsMax; attempt++) {
				const {file, close} = shortPath(folder);
				const server = createServer(socket => socket.destroy());
				if (await listens(server, file)) {
					// To connect to a socket takes the right to write.
					chmodSync(place, mode | ((mode & 0o040) >> 1));
					return new WatchLock(folder, server, close);
				}

				close();
				if ((await watchState(folder)) !== 'stopped') {
					break;
				}

				removeDead(place);
			}
		} catch (error) {
			throw error instanceof RecordingError ? error : new RecordingError(`${place}: ${errnoWords(error)}`);
		}

		throw new RecordingError(
			`${folder}: another watch records there; end it, or name another folder with --dir`,
		);
	}

	/** False if the socket was removed, or another watch took its place. */
	isHeld(): boolean {
		return identityOf(path.join(this.#folder, socketName)) === this.#identity;
	}

	async release(): Promise<void> {
		await new Promise<void>(resolve => {
			this.#server.close(() => resolve());
		});
		this.#close();
	}
}

/** `hidden`: it cannot be known, since this user may not connect. */
export type WatchState = 'running' | 'stopped' | 'hidden';

export async function watchState(folder: string): Promise<WatchState> {
	const {file, close} = shortPath(folder);
	try {
		return await new Promise((resolve, reject) => {
			const socket = connect(file);
			socket
				.once('connect', () => {
					socket.destroy();
					resolve('running');
				})
				.once('error', error => {
					switch (errorCode(error)) {
						case 'ECONNREFUSED':
						case 'ENOENT':
						case 'ENOTSOCK': {
							resolve('stopped');
							break;
						}

						// A full queue: it does not take connections, as when it is stopped.
						case 'EAGAIN': {
							resolve('running');
							break;
						}

						case 'EACCES':
						case 'EPERM': {
							resolve('hidden');
							break;
						}

						default: {
							reject(error);
						}
					}
				});
		});
	} finally {
		close();
	}
}

/** Removes the socket that nothing listens on; puts it back if another watch was faster. */
function removeDead(place: string): void {
	const dead = identityOf(place);
	const aside = `${place}.${process.pid}`;
	try {
		renameSync(place, aside);
		if (identityOf(aside) !== dead) {
			linkSync(aside, place);
		}
	} catch (error) {
		if (!isMissing(error) && errorCode(error) !== 'EEXIST') {
			throw error;
		}
	} finally {
		rmSync(aside, {force: true});
	}
}

/** A number alone may be that of a file that was removed. */
function identityOf(file: string): string | undefined {
	const stat = statSync(file, {throwIfNoEntry: false, bigint: true});
	return stat && `${stat.ino} ${stat.birthtimeNs}`;
}

/** The path of the socket; through a descriptor of the folder if it is too long. */
function shortPath(folder: string): {file: string; close: () => void} {
	const file = path.join(folder, socketName);
	if (Buffer.byteLength(file) <= pathMaxBytes) {
		return {file, close: () => undefined};
	}

	const descriptor = openSync(folder, 'r');
	return {
		file: `/proc/self/fd/${descriptor}/${socketName}`,
		close: () => {
			closeSync(descriptor);
		},
	};
}

/** False if the socket exists already. */
async function listens(server: Server, file: string): Promise<boolean> {
	return new Promise((resolve, reject) => {
		server
			.once('error', error => {
				if (errorCode(error) === 'EADDRINUSE') {
					resolve(false);
				} else {
					reject(error);
				}
			})
			.listen(file, () => {
				resolve(true);
			});
	});
}
