/** Hosts as they stand in URLs and in settings: the same machine written the same way. */

/** The host of a URL; undefined when it is none. */
export function hostOf(url: string | undefined): string | undefined {
	return url !== undefined && URL.canParse(url) ? plainHost(new URL(url).hostname) : undefined;
}

/** Without the brackets of an IPv6 address in a URL. */
export function plainHost(host: string): string {
	return host.replace(/^\[|\]$/g, '');
}

/** With the brackets that an IPv6 address needs in a URL. */
export function bracketed(host: string): string {
	return host.includes(':') ? `[${host}]` : host;
}
