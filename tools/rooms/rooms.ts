/**
 * The rooms of source/, and the rooms that each may import: checked by `npm run lint`, shown in docs/architecture.md.
 */

export type Room = {
	/** The name in `imports` and in the documentation. */
	name: string;
	/** Files, and folders without the rooms in them. */
	paths: readonly string[];
	what: string;
	/** Content of its subfolders, by path. */
	folders?: Readonly<Record<string, string>>;
	/** Rooms that may be imported; all are below it in the list. */
	imports: readonly string[];
	/** No I/O, clock, timer or screen: a replay computes the same result. */
	pure?: boolean;
};

const model = ['domain', 'lib'];

/** From top to bottom: imports lead only downwards. */
export const rooms: readonly Room[] = [
	{
		name: 'cli',
		paths: [
			'cli.tsx',
			'source/main.ts',
			'source/cli/',
			'source/autopsy/command.ts',
			'source/doctor/command.ts',
			'source/drill/command.ts',
			'source/init/command.ts',
			'source/replay/command.ts',
			'source/report/command.ts',
			'source/snapshot/cluster-command.ts',
			'source/snapshot/command.ts',
			'source/watch/command.ts',
		],
		what: 'flags, which mode to run, the exit code; each `command.ts` is a subcommand',
		folders: {
			'source/cli/commands/': 'what each command is: flags with their texts, examples, exit codes',
		},
		imports: [
			...[
				'ui',
				'autopsy',
				'doctor',
				'init',
				'session',
				'drill',
				'report',
				'snapshot',
				'watch',
				'runtime',
				'recording',
			],
			...['view', 'state', 'connections', 'config', ...model],
		],
	},
	{
		name: 'ui',
		paths: ['source/ui/'],
		what: 'Ink: screen, panes, overlays, input; the console and the replay on it',
		folders: {
			'source/ui/components/': 'a pane, the footer',
		},
		imports: ['session', 'replay', 'effects', 'recording', 'view', 'keymap', 'state', 'config', ...model],
	},
	{
		name: 'doctor',
		paths: ['source/doctor/'],
		what: '`doctor`: asks each source once, and diagnoses what fails',
		imports: ['session', 'runtime', 'view', 'state', 'connections', 'config', ...model],
	},
	{
		name: 'autopsy',
		paths: ['source/autopsy/'],
		what: '`autopsy`: from the logs of all nodes, or of a folder, to a recording',
		imports: [
			'snapshot',
			'session',
			'effects',
			'sources',
			'recording',
			'state',
			'connections',
			'config',
			...model,
		],
	},
	{
		name: 'init',
		paths: ['source/init/'],
		what: '`init`: from one host to a configuration',
		imports: ['sources', 'discovery', 'connections', 'config', ...model],
	},
	{
		name: 'snapshot',
		paths: ['source/snapshot/'],
		what: '`--once` and `--watch`: the formats, the schema of JSON',
		imports: ['session', 'runtime', 'view', 'state', 'connections', 'config', ...model],
	},
	{
		name: 'watch',
		paths: ['source/watch/'],
		what: '`watch`: records and notifies without a screen',
		imports: ['session', 'recording', 'view', 'state', 'connections', 'config', ...model],
	},
	{
		name: 'report',
		paths: ['source/report/'],
		what: 'a recording as Markdown, HTML or JSON',
		imports: ['recording', 'view', 'state', ...model],
	},
	{
		name: 'replay',
		paths: ['source/replay/'],
		what: 'plays recordings: player, playhead, playback status',
		imports: ['recording', 'state', ...model],
	},
	{
		name: 'session',
		paths: ['source/session.ts', 'source/session-calm.ts', 'source/session-history.ts'],
		what: 'the one wiring: runtime, recorder, sources, effects; for the console, a drill by command and `--once`',
		imports: [
			'drill',
			'runtime',
			'effects',
			'recording',
			'state',
			'sources',
			'discovery',
			'connections',
			'config',
			...model,
		],
	},
	{
		name: 'drill',
		paths: ['source/drill/'],
		what: 'runs a drill, by command or from the menu',
		imports: ['runtime', 'effects', 'recording', 'state', 'connections', 'config', ...model],
	},
	{
		name: 'runtime',
		paths: ['source/runtime.ts'],
		what: 'the event queue: stamp, update, show to observers, perform, notify',
		imports: ['state', 'domain'],
	},
	{
		name: 'effects',
		paths: ['source/effects/'],
		what: 'what operations send, the audit log, the editor',
		imports: ['state', 'connections', 'config', ...model],
	},
	{
		name: 'recording',
		paths: ['source/recording/'],
		what: 'writes and reads recordings',
		folders: {
			'source/recording/read/': 'opens, checks and seeks in a recording',
			'source/recording/write/': 'writes a recording while the session runs',
		},
		imports: ['state', ...model],
	},
	{
		name: 'view',
		paths: ['source/state/view/'],
		what: 'what each pane and overlay shows, as cells with tones',
		imports: ['keymap', 'state', ...model],
		pure: true,
	},
	{
		name: 'keymap',
		paths: ['source/keymap/'],
		what: 'every key, once, by purpose',
		imports: ['state', 'domain'],
		pure: true,
	},
	{
		name: 'state',
		paths: ['source/state/'],
		what: 'the state, `update`, effects, subscriptions',
		folders: {
			'source/state/update/': 'what a command or an event changes, a file a subject',
		},
		imports: model,
		pure: true,
	},
	{
		name: 'sources',
		paths: ['source/sources/'],
		what: 'one file for each system that is watched',
		folders: {
			'source/sources/logs/': 'journals and log files of the nodes',
			'source/sources/past/':
				'reads what logs say of some time: journals since then, rotated files, merged by time',
			'source/sources/probe/': 'the PostgreSQL client that measures the client path',
			'source/sources/sql/': 'the questions to the PostgreSQL of each member by SQL',
		},
		imports: ['connections', 'config', ...model],
	},
	{
		name: 'discovery',
		paths: ['source/discovery/'],
		what: "what the nodes' own configuration files say, read over SSH: VIPs, ports, pages, folders, units",
		imports: ['connections', 'config', ...model],
	},
	{
		name: 'connections',
		paths: ['source/connections/'],
		what: 'how to reach etcd, REST, PostgreSQL and SSH, with deadlines',
		folders: {
			'source/connections/ssh/': 'SSH: configuration, host keys, login, channels',
		},
		imports: ['config', ...model],
	},
	{
		name: 'config',
		paths: ['source/config/'],
		what: 'files, environment and flags, folded into one validated configuration',
		imports: model,
	},
	{
		name: 'domain',
		paths: ['source/domain/'],
		what: 'the cluster as a model: events, facts, the target',
		folders: {
			'source/domain/cluster/': 'the cluster, its reducers, freshness, members, VIP, HAProxy, systemd, probe',
			'source/domain/findings/': 'findings: context, advice, history',
			'source/domain/findings/advice/': 'what each finding means for clients, and what to do',
			'source/domain/findings/rules/': 'when each finding is made, a file a subject',
			'source/domain/operations/': 'menu, guard, requests, runs, outcome, audit record',
			'source/domain/operations/catalog/': 'a definition for each operation',
			'source/domain/operations/preconditions/': 'what speaks against an operation',
			'source/domain/operations/progress/': 'the steps of an operation, as sources see them',
			'source/domain/timeline/': 'what changed between two states of the cluster, and incidents',
			'source/domain/logs/': 'log lines: parse, buffer, filter, search',
			'source/domain/history/':
				'what log lines say: facts, entries, bounds of outages, the first cause of an incident',
			'source/domain/history/kinds/':
				'what each kind of line means: its words, and whether it is a cause or an effect',
			'source/domain/history/programs/': 'a table for each program: its lines, and what each says',
			'source/domain/drill/': 'stages, observations, measures, goals, episodes, verdict',
		},
		imports: ['lib'],
		pure: true,
	},
	{
		name: 'lib',
		paths: ['source/lib/'],
		what: 'small things without a subject: formats, time, hosts, secrets, sanitizing',
		imports: [],
	},
];

/** Folders beside source/. */
export const beside: readonly {path: string; what: string; imports: string}[] = [
	{path: 'bench/', what: 'measurements beside patronictl', imports: 'all'},
	{path: 'lab/', what: 'the real cluster on one machine', imports: 'nothing'},
	{
		path: 'packages/ink-table/',
		what: 'ruled tables for Ink: a fork that is bundled; its readme says where it comes from',
		imports: 'nothing',
	},
	{
		path: 'test/',
		what: 'mirrors `source/`; `test/terminal/` in a real terminal, `test/lab/` on the real cluster',
		imports: 'all',
	},
	{
		path: 'tools/',
		what: 'makes packages, recordings, pictures, man pages, completions and this documentation; checks the rooms; judges the screen; brings Node.js',
		imports: 'all',
	},
];

/** Modules and packages that a pure room must not use. */
export const impure = {
	modules: [
		'child_process',
		'dgram',
		'dns',
		'fs',
		'http',
		'http2',
		'https',
		'net',
		'os',
		'process',
		'readline',
		'timers',
		'tls',
		'tty',
		'worker_threads',
	],
	packages: [
		'@grpc/grpc-js',
		'cockatiel',
		'etcd3',
		'execa',
		'ink',
		'ink-table',
		'node-ssh',
		'pg',
		'pgpass',
		'react',
		'react-dom',
		'split2',
		'ssh2',
		'undici',
	],
};
