/** etcd endpoints as people write them: `host`, `host:port` or a URL. */

/** etcd's client port. */
const defaultPort = '2379';

/** → `http(s)://host:port`; undefined when it is none of these. */
export function endpointUrl(host: string, secure: boolean): string | undefined {
	const text = host.trim();
	const url = text.includes('://') ? text : `${secure ? 'https' : 'http'}://${text}`;
	if (!URL.canParse(url)) {
		return undefined;
	}

	const {protocol, hostname} = new URL(url);
	// URL drops a port that is its protocol's default (80, 443), so look at the text itself.
	const port = /:(\d+)\/*$/.exec(url)?.[1] ?? defaultPort;
	return hostname !== '' && (protocol === 'http:' || protocol === 'https:')
		? `${protocol}//${hostname}:${port}`
		: undefined;
}

/** The hosts of `hosts:`, which Patroni takes as a list or as one string with commas. */
export function hostList(hosts: string | readonly string[]): string[] {
	const list = typeof hosts === 'string' ? hosts.split(',') : hosts;
	return list.map(host => host.trim()).filter(Boolean);
}
