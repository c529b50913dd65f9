/** The state of systemd's units over D-Bus: running `systemctl` ten times a second would cost too much. */
import {connect, type Socket} from 'node:net';
import type {UnitsLook} from './look.ts';

/** Codes of D-Bus header fields in a method call to systemd. */
const fields = {path: 1, interface: 2, member: 3, destination: 6, signature: 8} as const;
type Method = {
	path: string;
	interface: string;
	member: string;
	destination: string;
	strings?: readonly string[];
};
const bus = {
	path: '/org/freedesktop/DBus',
	interface: 'org.freedesktop.DBus',
	destination: 'org.freedesktop.DBus',
};
const manager = {
	path: '/org/freedesktop/systemd1',
	interface: 'org.freedesktop.systemd1.Manager',
	destination: 'org.freedesktop.systemd1',
};
const methodReturn = 2;
const methodError = 3;

/** Uses the node's system bus: systemd's private socket rejects clients whose process it cannot see. */
export class Systemd {
	readonly #socketPath: string;
	#connection: Connection | undefined;

	constructor(socketPath: string) {
		this.#socketPath = socketPath;
	}

	/** `ActiveState/SubState` of each unit; `inactive/dead` for an unknown unit. */
	async states(units: readonly string[], signal: AbortSignal): Promise<UnitsLook> {
		this.#connection ??= new Connection(this.#socketPath);
		const connection = this.#connection;
		const drop = () => {
			connection.end(new Error('given up'));
		};

		signal.addEventListener('abort', drop, {once: true});
		try {
			return readUnits(await connection.listUnits(units.map(unit => `${unit}.service`)));
		} catch (error) {
			if (this.#connection === connection) this.#connection = undefined;
			connection.end(new Error('closed'));
			throw error;
		} finally {
			signal.removeEventListener('abort', drop);
		}
	}
}

class Connection {
	readonly #socket: Socket;
	#bytes = Buffer.alloc(0);
	#authenticated = false;
	#serial = 0;
	#hello: Promise<Buffer> | undefined;
	#waiting: {serial: number; resolve: (body: Buffer) => void; reject: (error: Error) => void} | undefined;
	#failure: Error | undefined;

	constructor(socketPath: string) {
		this.#socket = connect(socketPath);
		this.#socket.on('data', chunk => {
			this.#bytes = Buffer.concat([this.#bytes, chunk]);
			try {
				this.#read();
			} catch (error) {
				this.end(error instanceof Error ? error : new Error(String(error)));
			}
		});
		this.#socket.on('error', error => this.end(error));
		this.#socket.on('close', () => this.end(new Error('systemd closed the connection')));
		// EXTERNAL: the kernel passes our uid to the bus; 30 is "0", root, in hexadecimal.
		this.#socket.write('\0AUTH EXTERNAL 30\r\nBEGIN\r\n');
	}

	/** @returns the body of the answer */
	async listUnits(names: readonly string[]): Promise<Buffer> {
		this.#hello ??= this.#call({...bus, member: 'Hello'});
		await this.#hello;
		return this.#call({...manager, member: 'ListUnitsByNames', strings: names});
	}

	async #call(method: Method): Promise<Buffer> {
		return new Promise((resolve, reject) => {
			if (this.#failure !== undefined) {
				reject(this.#failure);
				return;
			}

			const serial = ++this.#serial;
			this.#waiting = {serial, resolve, reject};
			this.#socket.write(methodCall(serial, method));
		});
	}

	end(error: Error): void {
		this.#failure ??= error;
		this.#socket.destroy();
		this.#waiting?.reject(error);
		this.#waiting = undefined;
	}

	#read(): void {
		if (!this.#authenticated) {
			const end = this.#bytes.indexOf('\r\n');
			if (end < 0) return;
			const answer = this.#bytes.toString('utf8', 0, end);
			if (!answer.startsWith('OK ')) throw new Error(`systemd refuses: ${answer}`);
			this.#bytes = this.#bytes.subarray(end + 2);
			this.#authenticated = true;
		}

		for (let size = messageSize(this.#bytes); size !== undefined && this.#bytes.length >= size; ) {
			this.#take(this.#bytes.subarray(0, size));
			this.#bytes = this.#bytes.subarray(size);
			size = messageSize(this.#bytes);
		}
	}

	#take(message: Buffer): void {
		const waiting = this.#waiting;
		if (waiting === undefined || replySerial(message) !== waiting.serial) return;
		this.#waiting = undefined;
		if (message[1] === methodError) waiting.reject(new Error(`systemd: ${errorText(message)}`));
		else waiting.resolve(Buffer.from(message.subarray(bodyOffset(message))));
	}
}

const align = (offset: number, to: number) => Math.ceil(offset / to) * to;
const bodyOffset = (message: Buffer) => align(16 + message.readUInt32LE(12), 8);

function messageSize(bytes: Buffer): number | undefined {
	return bytes.length < 16 ? undefined : bodyOffset(bytes) + bytes.readUInt32LE(4);
}

/** Header field 5, a variant of one uint32. */
function replySerial(message: Buffer): number | undefined {
	if (message[1] !== methodReturn && message[1] !== methodError) return undefined;
	const end = 16 + message.readUInt32LE(12);
	let offset = 16;
	while (offset < end) {
		offset = align(offset, 8);
		const field = message[offset];
		const signatureLength = message[offset + 1] ?? 0;
		const type = String.fromCharCode(message[offset + 2] ?? 0);
		offset += 3 + signatureLength;
		if (type === 'u') {
			offset = align(offset, 4);
			if (field === 5) return message.readUInt32LE(offset);
			offset += 4;
		} else if (type === 'g') {
			offset += 2 + (message[offset] ?? 0);
		} else {
			offset = align(offset, 4);
			offset += 5 + message.readUInt32LE(offset);
		}
	}

	return undefined;
}

function errorText(message: Buffer): string {
	const body = message.subarray(bodyOffset(message));
	return body.length < 5 ? 'an error without words' : body.toString('utf8', 4, 4 + body.readUInt32LE(0));
}

function methodCall(serial: number, {path, interface: name, member, destination, strings}: Method): Buffer {
	const body = strings === undefined ? Buffer.alloc(0) : writeStrings(strings);
	const header = joinPadded([
		field(fields.path, 'o', path),
		field(fields.interface, 's', name),
		field(fields.member, 's', member),
		field(fields.destination, 's', destination),
		...(strings === undefined ? [] : [field(fields.signature, 'g', 'as')]),
	]);
	const start = Buffer.alloc(16);
	start.write('l');
	start[1] = 1; // a method call
	start[3] = 1; // the protocol's version
	start.writeUInt32LE(body.length, 4);
	start.writeUInt32LE(serial, 8);
	start.writeUInt32LE(header.length, 12);
	const padding = Buffer.alloc(align(header.length, 8) - header.length);
	return Buffer.concat([start, header, padding, body]);
}

function field(code: number, type: string, value: string): Buffer {
	const head = Buffer.from([code, 1, type.charCodeAt(0), 0]);
	const size = Buffer.alloc(type === 'g' ? 1 : 4);
	size[0] = value.length; // at most 255
	return Buffer.concat([head, size, Buffer.from(`${value}\0`)]);
}

/** Pads each part to a multiple of 8 bytes. */
function joinPadded(parts: readonly Buffer[]): Buffer {
	let joined = Buffer.alloc(0);
	for (const part of parts) {
		joined = Buffer.concat([joined, Buffer.alloc(align(joined.length, 8) - joined.length), part]);
	}

	return joined;
}

function writeStrings(strings: readonly string[]): Buffer {
	const parts: Buffer[] = [];
	let length = 0;
	for (const text of strings) {
		const padding = align(length, 4) - length;
		const bytes = Buffer.from(`${text}\0`);
		const size = Buffer.alloc(4);
		size.writeUInt32LE(bytes.length - 1);
		parts.push(Buffer.alloc(padding), size, bytes);
		length += padding + 4 + bytes.length;
	}

	const size = Buffer.alloc(4);
	size.writeUInt32LE(length);
	return Buffer.concat([size, ...parts]);
}

/** Parses an array of (name, description, load, active, sub, following, path, job id, job type, job path). */
function readUnits(body: Buffer): UnitsLook {
	const units: UnitsLook = {};
	const end = 8 + body.readUInt32LE(0);
	let offset = 8;
	const text = () => {
		offset = align(offset, 4);
		const length = body.readUInt32LE(offset);
		const value = body.toString('utf8', offset + 4, offset + 4 + length);
		offset += 5 + length;
		return value;
	};

	while (offset < end) {
		offset = align(offset, 8);
		const [name = '', , , active = '', sub = ''] = [text(), text(), text(), text(), text(), text(), text()];
		offset = align(offset, 4) + 4;
		text();
		text();
		units[name.replace(/\.service$/, '')] = `${active}/${sub}`;
	}

	return units;
}
