/** How a node's services write their logs, as Patroni's dynamic configuration and the node's patroni.yml say. */

/** PostgreSQL's parameters of the same names, without `log_`. Undefined: not set there. */
export type PostgresLogSettings = {
	linePrefix?: string;
	timezone?: string;
	destination?: string;
	directory?: string;
};

/** The section `log` of patroni.yml. */
export type PatroniLogSettings = {
	/** Fields are written as JSON. */
	json?: boolean;
	/** For Python's logging: `%(asctime)s %(levelname)s: %(message)s`. */
	format?: string;
	/** Names of the fields in JSON, by Python's name. */
	fields?: Readonly<Record<string, string>>;
	/** For strftime. */
	dateFormat?: string;
	/** Patroni logs to `patroni.log` in this folder, not to the journal. */
	directory?: string;
};

export type LogSettings = {
	postgresql?: PostgresLogSettings;
	patroni?: PatroniLogSettings;
	/** PostgreSQL's data directory, for a relative `log_directory`. */
	dataDirectory?: string;
};

/** A node's own settings win over the cluster's, as in Patroni. */
export function effectiveSettings(cluster: LogSettings, node: LogSettings | undefined): LogSettings {
	return {...cluster, ...node, postgresql: {...cluster.postgresql, ...node?.postgresql}};
}

/** PostgreSQL's log folder; undefined if it is unknown or cannot be reached by its settings. */
export function postgresLogFolder({postgresql, dataDirectory}: LogSettings): string | undefined {
	const folder = postgresql?.directory;
	if (folder === undefined || folder === '') {
		return undefined;
	}

	if (folder.startsWith('/')) {
		return folder;
	}

	return dataDirectory?.startsWith('/') ? `${dataDirectory.replace(/\/+$/, '')}/${folder}` : undefined;
}

/** File name extensions of PostgreSQL's log, the preferred one first; `log_destination` decides what is written. */
export function logExtensions({postgresql}: LogSettings): readonly ('log' | 'csv' | 'json')[] {
	const written = postgresql?.destination?.toLowerCase().split(/[\s,"]+/) ?? [];
	const all = ['log', 'csv', 'json'] as const;
	const names = {log: 'stderr', csv: 'csvlog', json: 'jsonlog'} as const;
	return all.toSorted((a, b) => Number(written.includes(names[b])) - Number(written.includes(names[a])));
}
