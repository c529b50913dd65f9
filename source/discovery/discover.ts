/** Completes the configuration with what it lacks, from the nodes' own files. */
import {type Config, configOf} from '../config/config.ts';
import type {Environment} from '../config/environment.ts';
import type {Layer, Path} from '../config/layers.ts';
import {ConfigError} from '../config/origin.ts';
import {type Settings, withFound} from '../config/settings.ts';
import {sanitize} from '../lib/sanitize.ts';
import {placeText, type ReadNode} from './read-node.ts';
import type {FoundValue} from './types.ts';
import {contentOf, foundValues} from './values.ts';

export type Discovery = {settings: Settings; environment: Environment};

/** Whether files of the nodes may have what the configuration lacks of its VIPs or of HAProxy. */
export function lacksNames({content, layers}: Settings): boolean {
	const isGiven = (...keys: string[]) => layers.given(['pgha-top', ...keys]) !== undefined;
	const hasHaproxy = content['pgha-top'].haproxy !== false;
	const hasPage = isGiven('haproxy', 'port') && isGiven('haproxy', 'ports');
	return !isGiven('vip') || (hasHaproxy && !hasPage);
}

/** @param problems of nodes that were not read */
export function completed(
	{settings, environment}: Discovery,
	nodes: readonly ReadNode[],
	problems: readonly string[] = [],
): Config {
	const config = configOf(settings, environment);
	const found = foundValues(nodes, settings.content.scope);
	const values = found.values.filter(
		// Another port of a host may be another server: the probe's password goes only where it was configured to go.
		value => value.path[1] !== 'probe' && isMissing(value.path, settings, config),
	);
	const remarks = [...problems, ...found.remarks.map(({node, text}) => `${node}: ${text}`)].map(sanitize);
	try {
		if (values.length === 0) {
			return {...config, found: {values: [], remarks}};
		}

		const whole = withFound(settings, layerOf(values));
		const complete = configOf(whole, environment);
		const used = values.filter(value => isUsed(value, whole));
		return {...withProbeOf(config, complete, remarks), found: {values: used.map(shown), remarks}};
	} catch (error) {
		if (error instanceof ConfigError) {
			return {
				...config,
				found: {values: [], remarks: [...remarks, `values of the nodes are not used: ${error.message}`]},
			};
		}

		throw error;
	}
}

/** The probe sends a password: only to a host that is configured, never to a VIP that a node names. */
function withProbeOf(configured: Config, {probe, ...complete}: Config, remarks: string[]): Config {
	if (probe !== undefined && probe.host !== configured.probe?.host) {
		remarks.push(
			`no probe of ${sanitize(probe.host)}, which was found: its password goes only to a configured host; set vip`,
		);
	}

	return probe?.host === configured.probe?.host
		? {...complete, ...(probe === undefined ? {} : {probe})}
		: {...complete, ...(configured.probe === undefined ? {} : {probe: configured.probe})};
}

/** Found values as the lowest layer of all settings. */
export function layerOf(values: readonly FoundValue[]): Layer {
	return {
		content: contentOf(values),
		originOf(path) {
			const value = values.find(one => path.join('.').startsWith(one.path.join('.'))) ?? values[0];
			return {
				file: `${value?.node}:${value?.file}`,
				line: value?.line || undefined,
				key: path.join('.'),
				isFound: true,
			};
		},
	};
}

/** A page is configured by its port or its path; a node's own patroni.yml gives the data directory as well. */
function isMissing(path: Path, {layers, content}: Settings, config: Config): boolean {
	const [, section, key = ''] = path;
	const isGiven = (...more: string[]) => layers.given(['pgha-top', ...more]) !== undefined;
	if (section === 'haproxy') {
		return (
			content['pgha-top'].haproxy !== false &&
			(path.length > 3
				? !isGiven(...path.slice(1))
				: !isGiven('haproxy', 'port') && !isGiven('haproxy', 'path'))
		);
	}

	return section === 'data_dir'
		? config.dataDir === undefined
		: !isGiven(section ?? '', ...(key === '' ? [] : [key]));
}

/** A setting of nothing (`vip: ~`) removes what was found. */
function isUsed({path}: FoundValue, {layers}: Settings): boolean {
	const origin = layers.given(path);
	return origin !== undefined && 'isFound' in origin;
}

function shown({path, value, node, file, line, why}: FoundValue): Config['found']['values'][number] {
	return {
		setting: path.slice(1).join('.'),
		value: foundText(value),
		from: sanitize(line === 0 ? `${node}: ${file}` : placeText(node, {file, line})),
		why: sanitize(why),
	};
}

/** A value in words: `10.0.0.9 (keepalived, follows the leader)` for a VIP. */
export function foundText(value: unknown): string {
	if (Array.isArray(value)) {
		return value.map(foundText).join(', ');
	}

	if (typeof value !== 'object' || value === null) {
		return sanitize(String(value));
	}

	if ('address' in value && 'manager' in value && 'follows' in value) {
		const {address, manager, follows} = value;
		return sanitize(`${address} (${manager}${follows === 'leader' ? ', follows the leader' : ''})`);
	}

	return Object.entries(value)
		.map(([key, one]) => `${sanitize(key)} ${foundText(one)}`)
		.join(', ');
}
