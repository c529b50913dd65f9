/** Reads a machine's apt configuration, in both formats, and finds its Debian mirror. */

export type AptSource = {
	types: string[];
	uris: string[];
	suites: string[];
	components: string[];
};

/** One-line format: `deb [signed-by=/a.gpg arch=amd64] http://mirror/debian trixie main contrib` */
export function parseSourcesList(text: string): AptSource[] {
	const sources: AptSource[] = [];
	for (const line of text.split('\n')) {
		const match = /^\s*(deb|deb-src)\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)([^#]*)/.exec(line);
		if (!match) continue;
		const [, type = '', uri = '', suite = '', components = ''] = match;
		sources.push({
			types: [type],
			uris: [uri],
			suites: [suite],
			components: words(components),
		});
	}

	return sources;
}

/** deb822 format: paragraphs of `Field: values`; a line that begins with a space continues the field above. */
export function parseDeb822(text: string): AptSource[] {
	const sources: AptSource[] = [];
	for (const paragraph of text.split(/\n[ \t]*\n/)) {
		const fields = new Map<string, string>();
		let last = '';
		for (const line of paragraph.split('\n')) {
			if (line.startsWith('#') || line.trim() === '') continue;
			const match = /^([A-Za-z][\w-]*):(.*)$/.exec(line);
			if (match?.[1] !== undefined) {
				last = match[1].toLowerCase();
				fields.set(last, (match[2] ?? '').trim());
			} else if (/^\s/.test(line) && last !== '') {
				fields.set(last, `${fields.get(last)}\n${line.trim()}`);
			}
		}

		if (/^(no|false|off|0|without|disable)$/i.test(fields.get('enabled') ?? '')) continue;
		if (!fields.has('uris')) continue;
		sources.push({
			types: words(fields.get('types')),
			uris: words(fields.get('uris')),
			suites: words(fields.get('suites')),
			components: words(fields.get('components')),
		});
	}

	return sources;
}

const debianSuites = new Set(
	'oldoldstable oldstable stable testing unstable sid buster bullseye bookworm trixie forky duke'.split(' '),
);

/** The mirror of Debian's own releases: not the security archive, nor a third-party repository. */
export function debianMirror(sources: readonly AptSource[]): string | undefined {
	for (const source of sources) {
		if (!source.types.includes('deb') || !source.components.includes('main')) continue;
		if (!source.suites.some(suite => debianSuites.has(suite))) continue;
		const uri = source.uris.find(candidate => /^https?:/.test(candidate));
		if (uri) return uri.replace(/\/+$/, '');
	}

	return undefined;
}

function words(text: string | undefined): string[] {
	return (text ?? '').split(/\s+/).filter(word => word !== '');
}
