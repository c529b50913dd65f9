import {endpointUrl, etcdPort} from './endpoint.ts';
import type {Layer, Mapping} from './layers.ts';
import {passwordIn} from './libpq.ts';
import {ConfigError} from './origin.ts';

/** What was typed; checked with all other settings. */
export type Flags = {
	configFile?: string | undefined;
	dcsUrl?: string | undefined;
	insecure?: boolean | undefined;
	scope?: string | undefined;
	group?: string | undefined;
	vip?: string | undefined;
	readOnly?: boolean | undefined;
	dryRun?: boolean | undefined;
	probe?: string | undefined;
	writeProbe?: boolean | undefined;
};

/** @throws ConfigError when a password was typed where everybody can read it. */
export function flagLayers({
	scope,
	group,
	vip,
	insecure,
	readOnly,
	dryRun,
	probe,
	writeProbe,
}: Flags): Layer[] {
	if (probe !== undefined && passwordIn(probe) !== undefined) {
		throw new ConfigError(
			'--probe: a password on the command line is seen by everybody on this machine (ps): put it into ~/.pgpass',
		);
	}

	return [
		...(scope === undefined ? [] : [one('--scope', {scope})]),
		...(group === undefined ? [] : [one('--group', {citus: {group}})]),
		...(vip === undefined ? [] : [one('--vip', {'pgha-top': {vip}})]),
		...(readOnly === undefined
			? []
			: [one(`--${readOnly ? '' : 'no-'}read-only`, {'pgha-top': {read_only: readOnly}})]),
		...(dryRun === undefined
			? []
			: [one(`--${dryRun ? '' : 'no-'}dry-run`, {'pgha-top': {dry_run: dryRun}})]),
		...(probe === undefined ? [] : [one('--probe', {'pgha-top': {probe: {dsn: probe}}})]),
		...(writeProbe === undefined
			? []
			: [one(`--${writeProbe ? '' : 'no-'}write-probe`, {'pgha-top': {probe: {write: writeProbe}}})]),
		...(insecure === undefined ? [] : [one(`--${insecure ? '' : 'no-'}insecure`, {ctl: {insecure}})]),
	];
}

/**
 * patronictl's `-d etcd3://HOST:PORT/NAMESPACE`: it stands for all that is set of the DCS, its TLS and user included.
 * @param name of the flag, or of the variable that it stands for.
 * @throws ConfigError
 */
export function dcsUrlLayers(name: string, url: string): Layer[] {
	const [, scheme, location, path] = /^([a-z0-9]+):\/\/([^/]*)(\/.*)?$/.exec(url) ?? [];
	const host = location === '' || location?.startsWith(':') ? `localhost${location}` : location;
	if (scheme !== 'etcd3' || host === undefined || host.includes('@') || !endpointUrl(host, false, etcdPort)) {
		throw new ConfigError(
			`${name}: must be etcd3://HOST:PORT or etcd3://HOST:PORT/NAMESPACE${
				scheme !== undefined && scheme !== 'etcd3' ? `; pgha-top does not speak ${scheme}` : ''
			}`,
		);
	}

	const namespace = path === undefined || path === '/' ? {} : {namespace: path};
	return [one(name, {etcd3: null, etcd: null}), one(name, {etcd3: {host}, ...namespace})];
}

function one(name: string, content: Mapping): Layer {
	return {content, originOf: () => ({name})};
}
