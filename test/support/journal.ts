/** A model of a node's journal and of journalctl: it seeks by sequence number, boot or time, as sd-journal does. */
import {channelOf} from './log-channel.ts';

type Entry = {
	sequence: string;
	number: number;
	boot: string;
	monotonic: number;
	realtime: number;
	hash: string;
	unit: string;
	text: string;
};

const id = (number: number) => number.toString(16).padStart(32, '0');
const hex = (number: number) => number.toString(16);

export class Journal {
	entries: Entry[] = [];
	/** Next sequence number of the active file. */
	#sequence = 1;
	#boot = 1;
	#bootedAt = 0;
	#number = 0;
	/** µs */
	clock = 1_700_000_000_000_000;

	/** Entries of one call have the same time of receipt. */
	write(unit: string, ...texts: readonly string[]): void {
		this.clock += 1000;
		for (const text of texts) {
			this.#number++;
			this.entries.push({
				sequence: id(this.#sequence),
				number: this.#number,
				boot: id(this.#boot),
				monotonic: Math.max(1, this.clock - this.#bootedAt),
				realtime: this.clock,
				hash: Buffer.from(`${unit} ${text}`).toString('hex'),
				unit,
				text,
			});
		}
	}

	/** @param isClean if false, journald starts a new file */
	reboot({ahead = 0, isClean = true}: {ahead?: number; isClean?: boolean} = {}): void {
		this.#boot++;
		// No two boots have entries of one microsecond.
		this.clock += ahead * 1000 + 1;
		this.#bootedAt = this.clock - 1_000_000;
		if (!isClean) {
			this.#sequence++;
			this.#number = 0;
		}
	}

	/** Another machine, or this one with a new image. */
	replace(ahead: number): void {
		this.#boot += 100;
		this.#sequence += 100;
		this.#number = 0;
		this.clock += ahead;
		this.#bootedAt = this.clock - 1_000_000;
		this.entries = [];
	}

	/** Moves entries from memory to disk, as journald does. */
	flush(): void {
		this.#sequence++;
		this.#number = 0;
		for (const entry of this.entries) {
			this.#number++;
			entry.sequence = id(this.#sequence);
			entry.number = this.#number;
		}
	}

	vacuum(count: number): void {
		this.entries.splice(0, count);
	}

	stream = async (_host: string, command: string) => {
		const cursor = /--cursor="([^"]+)"/.exec(command)?.[1];
		const lines = /--lines=(\d+)/.exec(command)?.[1];
		const isFollowed = command.includes('--follow');
		const units = [...command.matchAll(/_SYSTEMD_UNIT=(\S+)\.service/g)].map(([, unit]) => unit);
		const after = cursor === undefined ? this.entries : this.#after(cursor);
		const shown = after.filter(
			({unit, boot}) =>
				(units.length === 0 || units.includes(unit)) && (!isFollowed || boot === id(this.#boot)),
		);
		const count = Number(lines ?? shown.length);
		const some =
			cursor === undefined ? shown.slice(Math.max(0, shown.length - count)) : shown.slice(0, count);
		return channelOf(
			[...(command.includes('boot_id') ? [this.#bootId()] : []), ...some.map(line)],
			isFollowed ? undefined : 'pgha-top: ended 0\n',
		);
	};

	#bootId(): string {
		return id(this.#boot).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
	}

	#after(cursor: string): Entry[] {
		const parts = new Map(cursor.split(';').map(part => part.split('=', 2) as [string, string]));
		const number = (name: string) => Number.parseInt(parts.get(name) ?? '', 16);
		const files = [...Map.groupBy(this.entries, ({sequence}) => sequence)].map(([sequence, entries]) => {
			const inBoot = entries.findIndex(({boot}) => boot === parts.get('b'));
			const first =
				sequence === parts.get('s')
					? entries.findIndex(entry => entry.number >= number('i'))
					: inBoot >= 0
						? entries.findIndex(
								(entry, index) =>
									index >= inBoot && (entry.boot !== parts.get('b') || entry.monotonic >= number('m')),
							)
						: entries.findIndex(({realtime}) => realtime >= number('t'));
			return first < 0 ? [] : entries.slice(first);
		});
		const merged: Entry[] = [];
		for (;;) {
			const heads = files.filter(file => file.length > 0);
			if (heads.length === 0) {
				return merged;
			}

			const next = heads.reduce((first, file) => (isBefore(file[0], first[0]) ? file : first)).shift();
			if (next !== undefined) {
				merged.push(next);
			}
		}
	}
}

/** Order of entries in different files. */
function isBefore(one: Entry | undefined, other: Entry | undefined): boolean {
	return one !== undefined && other !== undefined && one.boot === other.boot
		? one.monotonic < other.monotonic
		: (one?.realtime ?? 0) < (other?.realtime ?? 0);
}

function line({sequence, number, boot, monotonic, realtime, hash, unit, text}: Entry): string {
	return JSON.stringify({
		__CURSOR: `s=${sequence};i=${hex(number)};b=${boot};m=${hex(monotonic)};t=${hex(realtime)};x=${hash}`,
		__REALTIME_TIMESTAMP: String(realtime),
		_BOOT_ID: boot,
		_SYSTEMD_UNIT: `${unit}.service`,
		MESSAGE: text,
	});
}
