/** Parses links and heading anchors of the repository's Markdown. */

export type Link = {text: string; target: string};

/** Links and pictures outside of code. */
export function linksIn(markdown: string): Link[] {
	return [...withoutCode(markdown).matchAll(/\[([^\]]*)\]\(([^)\s]+)\)/g)].map(
		([, text = '', target = '']) => ({text, target}),
	);
}

/** Anchors as GitHub derives them from headings. */
export function anchorsIn(markdown: string): ReadonlySet<string> {
	const anchors = new Set<string>();
	for (const [, heading = ''] of withoutBlocks(markdown).matchAll(/^#{1,6} +(.+)$/gm)) {
		const plain = heading.trim().toLowerCase();
		const base = plain.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-');
		let anchor = base;
		for (let count = 1; anchors.has(anchor); count++) {
			anchor = `${base}-${count}`;
		}

		anchors.add(anchor);
	}

	return anchors;
}

function withoutBlocks(markdown: string): string {
	return markdown.replaceAll(/^```.*?^```$/gms, '');
}

function withoutCode(markdown: string): string {
	return withoutBlocks(markdown).replaceAll(/`[^`\n]*`/g, '');
}
