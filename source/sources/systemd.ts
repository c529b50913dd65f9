/** Polls systemd's state of a node's services over SSH every two seconds, in calm every four. */

import {SshError} from '../connections/ssh/prompts.ts';
import type {Ssh} from '../connections/ssh/ssh.ts';
import type {Service, ServiceUnit} from '../domain/cluster/services.ts';
import {countOf} from '../lib/json.ts';
import {askTimed, lateness} from '../lib/own-time.ts';
import {sanitize} from '../lib/sanitize.ts';
import type {Pulse, Source} from './source.ts';
import {sameForSame, sshSource} from './source.ts';

const properties = [
	'Id',
	'LoadState',
	'UnitFileState',
	'ActiveState',
	'SubState',
	'InvocationID',
	'ActiveEnterTimestamp',
	'StateChangeTimestamp',
	'MainPID',
	'NRestarts',
];

/**
 * `unit`: a checked name without shell syntax; `isOptional`: reported only if the unit exists, and is enabled or was
 * started: a package that is installed and not used is not a service.
 */
export type AskedUnit = {service: Service; unit: string; isOptional: boolean};

/** @param units of the services on the node */
export function systemdSource(
	ssh: Ssh,
	node: string,
	host: string,
	{units, watch, pulse}: {units: readonly AskedUnit[]; watch: boolean; pulse: Pick<Pulse, 'refreshes'>},
): Source {
	/** Of the last question. */
	let refreshes = 0;
	const source = `units:${node}` as const;
	// systemctl prints times in the zone of its environment.
	const script = `TZ=UTC LC_ALL=C systemctl show --property=${properties.join(',')} -- ${units.map(({unit}) => unit).join(' ')}`;
	const read = sameForSame(text => presentUnits(text, units));
	return sshSource(source, async ({emit, signal, untilPoll}) => {
		const {run, close} = watch
			? ssh.repeat(host, {
					script,
					check: unitsCheck(units.map(({unit}) => unit)),
					word() {
						const isAsked = pulse.refreshes !== refreshes;
						refreshes = pulse.refreshes;
						return isAsked ? '1' : '';
					},
				})
			: {run: async () => ssh.run(host, `sh -c '${script}'`), close: () => undefined};
		try {
			while (!signal.aborted) {
				const {answer, timing} = await askTimed(run);
				if (!signal.aborted) {
					emit({type: 'units.snapshot', source, node, units: read(answer), ...lateness(timing())});
					await untilPoll(performance.now(), signal);
				}
			}
		} finally {
			close();
		}
	});
}

/**
 * `systemctl show` costs a node some 8 ms for each unit, most of it in systemd. So first the states of all units are asked in one
 * question, every other time only whether their main processes are the same ones, whose start times tell apart two that had the same
 * pid, and whether others were started: since version 237 systemd has a link for each unit that was. And `show` while a unit is on its way, or runs without a main process that can be read.
 */
export function unitsCheck(
	units: readonly string[],
	{proc = '/proc', links = '/run/systemd/units'}: {proc?: string; links?: string} = {},
): string {
	const names = units.map(unit => (/\.\w+$/.test(unit) ? unit : `${unit}.service`));
	return [
		'q=; n=0',
		`for l in $o; do case $l in ${[
			'ActiveState=active) n=$((n+1))',
			'MainPID=0) ',
			`Id=*) u=\${l#*=}`,
			`ActiveState=inactive|ActiveState=failed) if [ -L "${links}/invocation:$u" ]; then q="$q $u"; fi`,
			'ActiveState=*) q="$q unknown"',
			// The 22nd field; the second one is a name in parentheses, with any characters.
			`MainPID=*) n=$((n-1)); r=; read -r r 2>/dev/null <"${proc}/\${l#*=}/stat"; set -- \${r##*") "}; q="$q \${l#*=}:\${20:-unknown}"`,
		].join(';; ')};; esac; done`,
		'if [ $n != 0 ]; then q="$q unknown"; fi',
		`case $q in *unknown*) ;; *) if [ "$q" = "$z" ] && [ -n "$d" ] && [ $((k % \${w:-2})) != 0 ]; then c=$d; else z=$q; c=$(systemctl list-units --all --plain --no-legend -- ${names.join(' ')}) && c="$q $c" || c=; fi;; esac`,
		'case $c in *activating*|*reloading*|*refreshing*) c=;; esac',
	].join('; ');
}

/** The answer without optional units that do not exist, or that neither run nor should. */
export function presentUnits(text: string, asked: readonly AskedUnit[]): ServiceUnit[] {
	const units = parseUnits(
		text,
		asked.map(({service}) => service),
	);
	const paragraphs = text.trim().split(/\n\n+/);
	return units.filter(({load, active}, index) => {
		const isUnused = active === 'inactive' && !/^UnitFileState=enabled/m.test(paragraphs[index] ?? '');
		return asked[index]?.isOptional !== true || (load !== 'not-found' && !isUnused);
	});
}

/**
 * Parses `systemctl show`: one paragraph per unit, in the requested order.
 * @throws SshError if it has another form
 */
export function parseUnits(text: string, services: readonly Service[]): ServiceUnit[] {
	const paragraphs = text.trim().split(/\n\n+/);
	if (paragraphs.length !== services.length) {
		throw new SshError('unexpected output of "systemctl show"', 'does systemd run on the node?');
	}

	return services.map((service, index) => {
		const fields = new Map(
			(paragraphs[index] ?? '').split('\n').map(line => {
				const [, name = '', value = ''] = /^([^=]*)=(.*)$/.exec(line) ?? [];
				return [name, sanitize(value)];
			}),
		);
		const active = fields.get('ActiveState') ?? 'unknown';
		const entered = fields.get(active === 'active' ? 'ActiveEnterTimestamp' : 'StateChangeTimestamp');
		return {
			service,
			unit: fields.get('Id') ?? service,
			load: fields.get('LoadState') ?? 'unknown',
			active,
			sub: fields.get('SubState') ?? '',
			invocationId: fields.get('InvocationID') ?? '',
			since: momentOf(entered ?? ''),
			pid: countOf(fields.get('MainPID')) ?? 0,
			restarts: countOf(fields.get('NRestarts')) ?? 0,
		};
	});
}

/** `Mon 2026-11-23 03:44:56 UTC` → Unix ms. */
function momentOf(text: string): number | undefined {
	const [, date, time] = /^\w+ (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC$/.exec(text) ?? [];
	const at = Date.parse(`${date}T${time}Z`);
	return Number.isNaN(at) ? undefined : at;
}
