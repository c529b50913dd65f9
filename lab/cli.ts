/** The lab's command line: `npm run lab -- VERB …`; what it says itself goes to stderr. */
import process from 'node:process';
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

  up [--suite bookworm|trixie|forky] [--profile operator|fast] [--app|--no-app]
                        bring it up and wait until it is healthy (trixie and fast unless told otherwise);
                        --app adds the node app, with a wiki that keeps everything in the cluster, --no-app takes
                        it away; else that is as it was
  down [--wipe|--purge] shut it down and leave nothing running; --wipe also throws the nodes' disks away,
                        --purge the base trees too
  status [--json]       what it is right now; exit code 0 healthy, 1 not healthy, 3 down
  ssh NODE [CMD …]      log in to a node, or run a command there
  exec -- CMD …         run a command where the operator sits, in the cluster's network
  power on|off|cut|reboot NODE
                        off is a clean shutdown, cut pulls the plug
  cable out|in NODE     pull a node's network cable, put it back
  logs NODE [ARG …]     journalctl on a node, e.g. logs pgdb1 -fu patroni
  oracle FILE           write what is really so on every node, ten times a second, seen from inside each, until
                        Ctrl-C or down; one JSON line a node and look, compressed where FILE ends in .gz
  app upload FILE       give a file to the wiki
  app fetch NAME [--output FILE]
                        get it back, on standard output unless told otherwise
  app load [--every MS] [--for SECONDS] [--check]
                        write to the wiki steadily until Ctrl-C: one JSON line a write, and what it felt at the end;
                        --check then looks whether everything acknowledged is there
  app check RECORD      the same look at any time, with the lines that load wrote
  help                  this page

Two labs side by side: PGHA_LAB_NAME (pgha unless told otherwise) and PGHA_LAB_DIR (/var/lib/NAME-lab).
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
				app: {type: 'boolean'},
				'no-app': {type: 'boolean'},
			});
			if (values.app && values['no-app']) throw new UsageError('Say either --app or --no-app.');
			const app = values['no-app'] ? false : values.app;
			const sight = await up({suite: values.suite, profile: values.profile, app, onProgress: say});
			say(`the lab is up: leader ${sight.leader}, VIP on ${sight.vipHolders.join()}`);
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
				throw new UsageError(`There is no "power ${action}"; it is on, off, cut or reboot.`);
			await power(action, node, say);
			say(`${node}: power ${action}, done`);
			return 0;
		}

		case 'cable': {
			const [position, node] = exactly(rest, 'cable out|in NODE');
			if (position !== 'in' && position !== 'out') {
				throw new UsageError(`There is no "cable ${position}"; it is out or in.`);
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

		case 'app':
			return become(applicationCommand(rest));

		case 'help':
		case '--help':
		case '-h':
			process.stdout.write(`${help}\n`);
			return 0;

		default:
			throw new UsageError(`The lab has no verb "${verb}"; see npm run lab -- help`);
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

/** Aborts when somebody asks this program to end. */
function untilAsked(): AbortSignal {
	const stop = new AbortController();
	for (const signal of passedOn) process.once(signal, () => stop.abort());
	return stop.signal;
}

/** Gives the terminal to a program and ends as it did. */
async function become(command: {file: string; args: string[]; env: NodeJS.ProcessEnv}): Promise<number> {
	const program = startInForeground(command);
	for (const signal of passedOn) process.on(signal, () => program.tell(signal));
	return program.ended;
}

function describe(now: Status): string {
	if (!now.up)
		return `down; disks and trees are in ${now.folder} (built: ${now.trees.join(', ') || 'no tree yet'})`;
	return [
		`${now.healthy ? 'healthy' : 'not healthy'}: ${now.suite}, ${now.profile} profile`,
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
