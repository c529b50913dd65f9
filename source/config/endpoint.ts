/** etcd endpoints as people write them: `host`, `host:port` or a URL. */

/** etcd's client port. */
export const etcdPort = 2379;

/** → `http(s)://host:port`, without a user; undefined when it is none of these. */
export function endpointUrl(host: string, secure: boolean, defaultPort = etcdPort): string | undefined {
	const text = bracketed(host.trim());
	const url = text.includes('://') ? text : `${secure ? 'https' : 'http'}://${text}`;
	if (!URL.canParse(url)) {
		return undefined;
	}

	const {protocol, hostname} = new URL(url);
	// URL drops a port that is its protocol's default (80, 443), so look at the text itself.
	const port = /:(\d+)\/*$/.exec(url)?.[1] ?? String(defaultPort);
	return hostname !== '' && (protocol === 'http:' || protocol === 'https:')
		? `${protocol}//${hostname}:${port}`
		: undefined;
}

/** The hosts of `hosts:`, which Patroni takes as a list or as one string with commas. */
export function hostList(hosts: string | readonly string[]): string[] {
	const list = typeof hosts === 'string' ? hosts.split(',') : hosts;
	return list.map(host => host.trim()).filter(Boolean);
}

/** `https://user:password@host` as Patroni reads it, nothing in it decoded. */
export function userOf(url: string): {username: string; password: string} | undefined {
	const [, username, password] = /^[a-z]+:\/\/([^:@/]+):(.+)@[^@]*$/.exec(url) ?? [];
	return username === undefined || password === undefined ? undefined : {username, password};
}

/** Patroni takes an IPv6 address with its port without brackets, too. */
function bracketed(host: string): string {
	const [, address, port] = /^([0-9a-f:]*:[0-9a-f:]*):(\d+)$/i.exec(host) ?? [];
	return address === undefined || port === undefined ? host : `[${address}]:${port}`;
}
