/** What packages say of themselves. */

export type About = {
	/** As dpkg and rpm compare it: `~` before a pre-release. */
	packageVersion: string;
	summary: string;
	/** Lines of at most 78 characters. */
	description: readonly string[];
	maintainer: string;
	/** Of all files, Unix s. */
	time: number;
};

export function about({version, description}: {version: string; description: string}, time: number): About {
	const [what = description, parts] = description.split(': ');
	return {
		packageVersion: version.replace('-', '~'),
		// dpkg and rpm want a short one, with no article in front.
		summary: what.replace(/^An? (.)/, (_, letter: string) => letter.toLowerCase()),
		description: [
			...(parts === undefined ? [] : [`It is for ${parts}.`]),
			'It shows which member is the leader, which node holds the virtual address and',
			'whether the cluster survives the next step; stale values are always marked.',
			'Operations ask first, and show the exact request. It records sessions, and',
			'replays them; "pgha-top tour" plays some without a cluster.',
			'It brings its own Node.js.',
		],
		maintainer: 'the pgha-top maintainers',
		time,
	};
}
