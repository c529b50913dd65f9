/** The lab's command line: `npm run lab -- VERB …`; its own messages go to stderr. */
import process from 'node:process';
import {makeChaos} from './chaos/chaos.ts';
import {LabError} from './failure.ts';
import {passedOn, startInForeground} from './foreground.ts';
import {
	applicationCommand,
	cable,
	down,
	execCommand,
	logsCommand,
	type PowerAction,
	power,
	powerActions,
	type Status,
	sshCommand,
	status,
	up,
} from './lab.ts';
import {watch} from './oracle/oracle.ts';
import {parse, required, UsageError} from './usage.ts';

const help = `
The lab: a real three-node PostgreSQL cluster (pgdb1, pgdb2, etcd1) on this machine, as root on Linux.

  npm run lab -- VERB

  up [--suite bookworm|trixie|forky] [--profile operator|fast] [--store etcd3|etcd2]
     [--topology classic|balancers|leader-vip|vip-manager|pgbouncer] [--postgres VERSION] [--app|--no-app]
                        start it and wait until it is healthy (default: trixie, fast, etcd3, classic); with etcd2
                        Patroni uses etcd's v2 API, which pgha-top does not read: it follows the members by REST;
                        --postgres 16 (trixie) is a version that no Debian release has, its server from npm;
                        --app adds the node app: a wiki that stores everything in the cluster; --no-app removes
                        it; without either, the lab keeps what it has
  down [--wipe|--purge] shut it down and leave nothing running; --wipe also deletes the nodes' disks,
                        --purge the base trees as well
  status [--json]       show its state now; exit code 0 healthy, 1 not healthy, 3 down
  ssh NODE [CMD …]      log in to a node, or run a command there
  exec -- CMD …         run a command on the operator's host, in the cluster's network
  power on|off|cut|reboot NODE
                        off shuts the node down cleanly, cut pulls the plug
  cable out|in NODE     unplug a node's network cable, plug it in
  logs NODE [ARG …]     journalctl on a node, e.g. logs pgdb1 -fu patroni
  oracle FILE           write what is really so on every node, ten times a second, seen from inside each, until
                        Ctrl-C or down; one JSON line a node and look, compressed where FILE ends in .gz
  chaos --seed N --minutes M [--record FILE] [--console PID] [--console-clock FILE] [--only KIND,…] [--each]
                        faults by a seed, each undone after a while; what is done is one JSON line each, on standard
                        output or in FILE; --console names a console that is stopped for a while, too;
                        --console-clock the file by which libfaketime sets its clock;
                        --only chooses among these kinds, --each does each kind once
  app upload FILE       give a file to the wiki
  app fetch NAME [--output FILE]
                        get it back (default: to standard output)
  app load [--every MS] [--for SECONDS] [--check]
                        write to the wiki steadily until Ctrl-C: one JSON line for each write, a summary at the end;
                        --check then verifies that every acknowledged write is there
  app check RECORD      verify that later, from the lines that load wrote
  help                  show this page

For a second lab beside the first, set PGHA_LAB_NAME (default: pgha) and PGHA_LAB_DIR (default: /var/lib/NAME-lab).
`.trim();

const begun = Date.now();
const say = (line: string) =>
	process.stderr.write(`${`${((Date.now() - begun) / 1000).toFixed(1)} s`.padStart(8)}  ${line}\n`);

async function main([verb = 'help', ...rest]: string[]): Promise<number> {
	switch (verb) {
		case 'up': {
			const {values} = parse(rest, {
				suite: {type: 'string'},
				profile: {type: 'string'},
				store: {type: 'string'},
				topology: {type: 'string'},
				postgres: {type: 'string'},
				app: {type: 'boolean'},
				'no-app': {type: 'boolean'},
			});
			if (values.app && values['no-app'])
				throw new UsageError('--app and --no-app contradict each other; give one');
			const app = values['no-app'] ? false : values.app;
			const {suite, profile, store, topology, postgres: postgresql} = values;
			const sight = await up({suite, profile, store, topology, postgresql, app, onProgress: say});
			say(
				`the lab is up: PostgreSQL ${sight.postgresql}, leader ${sight.leader}, VIP on ${sight.vipHolders.join()}`,
			);
			return 0;
		}

		case 'down': {
			const {values} = parse(rest, {wipe: {type: 'boolean'}, purge: {type: 'boolean'}});
			await down({...values, onProgress: say});
			say('the lab is down');
			return 0;
		}

		case 'status': {
			const {values} = parse(rest, {json: {type: 'boolean'}});
			const now = await status();
			process.stdout.write(values.json ? `${JSON.stringify(now, null, 2)}\n` : `${describe(now)}\n`);
			return now.up ? (now.healthy ? 0 : 1) : 3;
		}

		case 'ssh': {
			const [node, ...command] = rest;
			return become(sshCommand(required(node, 'ssh NODE [CMD …]'), withoutDashes(command)));
		}

		case 'exec':
			return become(execCommand(withoutDashes(rest)));

		case 'logs': {
			const [node, ...args] = rest;
			return become({
				env: process.env,
				...logsCommand(required(node, 'logs NODE [ARG …]'), withoutDashes(args)),
			});
		}

		case 'power': {
			const [action, node] = exactly(rest, 'power on|off|cut|reboot NODE');
			if (!isPowerAction(action))
				throw new UsageError(`unknown power action "${action}"; use on, off, cut or reboot`);
			await power(action, node, say);
			say(`${node}: power ${action}, done`);
			return 0;
		}

		case 'cable': {
			const [position, node] = exactly(rest, 'cable out|in NODE');
			if (position !== 'in' && position !== 'out') {
				throw new UsageError(`unknown cable position "${position}"; use out or in`);
			}

			await cable(position, node, say);
			say(`${node}: cable ${position}`);
			return 0;
		}

		case 'oracle': {
			const [file, ...more] = rest;
			if (more.length > 0) throw new UsageError('usage: npm run lab -- oracle FILE');
			const {looks, seconds} = await watch(required(file, 'oracle FILE'), untilAsked(), say);
			say(`${looks} looks in ${seconds.toFixed(0)} s`);
			return 0;
		}

		case 'chaos': {
			const {values} = parse(rest, {
				seed: {type: 'string'},
				minutes: {type: 'string'},
				record: {type: 'string'},
				console: {type: 'string'},
				'console-clock': {type: 'string'},
				only: {type: 'string'},
				each: {type: 'boolean'},
			});
			const usage =
				'chaos --seed N --minutes M [--record FILE] [--console PID] [--console-clock FILE] [--only KIND,…] [--each]';
			const {done, skipped, failed} = await makeChaos({
				seed: wholeNumber(required(values.seed, usage), '--seed'),
				minutes: wholeNumber(required(values.minutes, usage), '--minutes'),
				file: values.record,
				consolePid: values.console === undefined ? undefined : wholeNumber(values.console, '--console'),
				consoleClock: values['console-clock'],
				only: values.only?.split(','),
				each: values.each,
				stop: untilAsked(),
				onProgress: say,
			});
			say(`${done} faults done, ${failed} could not be done, ${skipped} skipped; the cluster is whole`);
			return 0;
		}

		case 'app':
			return become(applicationCommand(rest));

		case 'help':
		case '--help':
		case '-h':
			process.stdout.write(`${help}\n`);
			return 0;

		default:
			throw new UsageError(`unknown verb "${verb}"; see npm run lab -- help`);
	}
}

function exactly(args: readonly string[], usage: string): [string, string] {
	const [first, second, ...more] = args;
	if (first === undefined || second === undefined || more.length > 0) {
		throw new UsageError(`usage: npm run lab -- ${usage}`);
	}

	return [first, second];
}

const withoutDashes = (args: string[]) => (args[0] === '--' ? args.slice(1) : args);
const isPowerAction = (word: string): word is PowerAction => powerActions.some(action => action === word);

function wholeNumber(text: string, flag: string): number {
	if (/^\d{1,9}$/.test(text)) return Number(text);
	throw new UsageError(`${flag} is "${text}"; it takes a whole number`);
}

/** Aborted by a signal that asks this program to end. */
function untilAsked(): AbortSignal {
	const stop = new AbortController();
	for (const signal of passedOn) process.once(signal, () => stop.abort());
	return stop.signal;
}

/** Runs the command in the foreground and exits with its status. */
async function become(command: {file: string; args: string[]; env: NodeJS.ProcessEnv}): Promise<number> {
	const program = startInForeground(command);
	for (const signal of passedOn) process.on(signal, () => program.signal(signal));
	return program.ended;
}

function describe(now: Status): string {
	if (!now.up)
		return `down; disks and trees are in ${now.folder} (built: ${now.trees.join(', ') || 'no tree yet'})`;
	return [
		`${now.healthy ? 'healthy' : 'not healthy'}: ${now.suite}, PostgreSQL ${now.postgresql}, ${now.profile} profile${now.topology === undefined ? '' : `, ${now.topology} topology`}`,
		...now.nodes.map(
			({name, address, roles, power, cable}) =>
				`  ${name.padEnd(5)}  ${address}  ${roles.join(', ').padEnd(8)}  power ${power}${cable === 'out' ? ', cable out' : ''}`,
		),
		...now.conditions.map(({name, met, text}) => `  ${met ? 'ok     ' : 'MISSING'}  ${name}: ${text}`),
	].join('\n');
}

try {
	process.exitCode = await main(process.argv.slice(2));
} catch (error) {
	if (!(error instanceof LabError)) throw error;
	process.stderr.write(`lab: ${error.message}\n`);
	process.exitCode = error instanceof UsageError ? 2 : 1;
}
