/**
 * A real terminal around a program: a pty, and an emulator with the screen; waits for its content, never for a time.
 */
import {spawn} from '@lydell/node-pty';
import xterm, {type IBuffer} from '@xterm/headless';

export type TerminalOptions = {
	columns?: number;
	rows?: number;
	env?: Readonly<Record<string, string | undefined>>;
	cwd?: string;
};

/** Ink draws each frame between these (synchronized output). */
const frameBegin = '\u001B[?2026h';
const frameEnd = '\u001B[?2026l';

export class Terminal {
	/** Resolves with the exit code once the program has ended and all of its output is on the screen. */
	readonly exited: Promise<number>;
	readonly pid: number;
	readonly #pty: ReturnType<typeof spawn>;
	readonly #screen: InstanceType<typeof xterm.Terminal>;
	readonly #changes = new Set<() => void>();
	#raw = '';
	/** A frame has begun and not ended: the screen mixes it with the frame before. */
	#isWithinFrame = false;

	constructor(
		file: string,
		args: readonly string[],
		{columns = 120, rows = 40, env = {}, cwd}: TerminalOptions = {},
	) {
		this.#screen = new xterm.Terminal({cols: columns, rows, allowProposedApi: true, scrollback: 1000});
		// With CI set Ink is not interactive.
		const {CI: _, ...inherited} = process.env;
		this.#pty = spawn(file, [...args], {
			name: env.TERM ?? 'xterm-256color',
			cols: columns,
			rows,
			cwd: cwd ?? process.cwd(),
			env: Object.fromEntries(
				Object.entries({...inherited, TZ: 'UTC', ...env}).filter(([, value]) => value !== undefined),
			),
		});
		this.pid = this.#pty.pid;
		this.#pty.onData(data => {
			this.#raw += data;
			const isWithin = this.#raw.lastIndexOf(frameBegin) > this.#raw.lastIndexOf(frameEnd);
			this.#screen.write(data, () => {
				this.#isWithinFrame = isWithin;
				for (const change of this.#changes) {
					change();
				}
			});
		});
		this.exited = new Promise(resolve => {
			this.#pty.onExit(({exitCode}) => {
				this.#screen.write('', () => {
					resolve(exitCode);
				});
			});
		});
	}

	/** All bytes that the program wrote. */
	get raw(): string {
		return this.#raw;
	}

	/** The emulator's screen, cell by cell. */
	get buffer(): IBuffer {
		return this.#screen.buffer.active;
	}

	get alternateBuffer(): boolean {
		return this.#screen.buffer.active.type === 'alternate';
	}

	/** The visible lines, trailing space cut. */
	lines(): string[] {
		const {active} = this.#screen.buffer;
		return Array.from(
			{length: this.#screen.rows},
			(_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? '',
		);
	}

	text(): string {
		return this.lines().join('\n');
	}

	/** The first line with inverse cells, which is the selection; undefined while there is none. */
	selected(): string | undefined {
		const {active} = this.#screen.buffer;
		return Array.from({length: this.#screen.rows}, (_, row) => active.getLine(active.viewportY + row))
			.find(line => line?.getCell(2)?.isInverse())
			?.translateToString(true);
	}

	press(keys: string): void {
		this.#pty.write(keys);
	}

	resize(columns: number, rows: number): void {
		this.#screen.resize(columns, rows);
		this.#pty.resize(columns, rows);
	}

	signal(name: NodeJS.Signals): void {
		process.kill(this.pid, name);
	}

	/**
	 * Resolves with the screen as soon as it satisfies `seen`; rejects, showing the screen, when it does not in time.
	 */
	async until(what: string, seen: (text: string) => boolean, milliseconds = 15_000): Promise<string> {
		if (!this.#isWithinFrame && seen(this.text())) {
			return this.text();
		}

		return new Promise((resolve, reject) => {
			const finish = (settle: () => void) => {
				clearTimeout(timer);
				this.#changes.delete(look);
				settle();
			};
			const look = () => {
				const text = this.text();
				if (!this.#isWithinFrame && seen(text)) {
					finish(() => {
						resolve(text);
					});
				}
			};
			const timer = setTimeout(() => {
				finish(() => {
					reject(new Error(`not on the screen within ${milliseconds} ms: ${what}\n${this.text()}`));
				});
			}, milliseconds);
			this.#changes.add(look);
			void this.exited.then(code => {
				finish(() => {
					reject(
						new Error(`the program ended with ${code} before the screen showed: ${what}\n${this.text()}`),
					);
				});
			});
		});
	}

	/** Ends the program unconditionally. */
	async kill(): Promise<void> {
		this.#pty.kill('SIGKILL');
		await this.exited;
		this.#screen.dispose();
	}
}
