/** The chart of the last ten minutes as a whole pane, at the sizes that it has on the screen. */
import {renderToString} from 'ink';
import stringWidth from 'string-width';
import {describe, expect, it} from 'vitest';
import type {ClusterSnapshot} from '../../source/state/state.ts';
import {chartPane} from '../../source/state/view/trends.ts';
import {Pane, ThemeContext} from '../../source/ui/components/pane.tsx';
import {themeFor} from '../../source/ui/components/theme.ts';
import type {Size} from '../support/screen.tsx';
import {target} from '../support/session.ts';
import {type Moment, probedTarget, trendsAfter, wellAt} from '../support/trends.ts';

const chartSizes: readonly Size[] = [
	{width: 60, height: 5},
	{width: 80, height: 7},
	{width: 120, height: 7},
	{width: 120, height: 10},
	{width: 200, height: 16},
];

const seconds = 620;

/** Well, but for this. */
const changed = (change: (second: number) => Partial<Moment> | undefined, scene = probedTarget) =>
	trendsAfter(
		seconds,
		second => {
			const moment = change(second);
			return moment && {...wellAt(second), ...moment};
		},
		scene,
	);

const isBetween = (from: number, to: number, second: number) => second >= from && second < to;

const scenes: Record<string, () => ClusterSnapshot> = {
	healthy: () => changed(() => ({})),
	'a switchover with an outage of writes': () =>
		changed(second => ({
			...(isBetween(300, 302, second) ? {writes: [], leader: ''} : {}),
			...(second >= 302 ? {leader: 'pgdb2', vip: ['pgdb1']} : {}),
			...(second === 302 ? {writes: [412, 95]} : {}),
		})),
	'an outage of a minute, and slow writes after it': () =>
		changed(second =>
			isBetween(200, 260, second)
				? {writes: [], reads: []}
				: second >= 260
					? {writes: [150 + (second % 40) * 45]}
					: {},
		),
	'two leader changes': () =>
		changed(second => ({
			leader: isBetween(150, 155, second) ? '' : isBetween(155, 400, second) ? 'pgdb2' : 'pgdb1',
		})),
	'the VIP on two nodes, then on none, then on the other': () =>
		changed(second => ({
			vip: isBetween(200, 260, second)
				? ['pgdb1', 'pgdb2']
				: isBetween(260, 290, second)
					? []
					: second >= 290
						? ['pgdb2']
						: ['pgdb1'],
		})),
	'without a probe': () => changed(second => ({lag: second < 300 ? 0 : second * 9000}), target),
	'without a probe and a VIP': () => changed(() => ({}), {...target, vip: undefined}),
	'started twenty seconds ago': () => trendsAfter(20, wellAt),
	'before the first tick': () => trendsAfter(-1, wellAt),
	'this console did not run for two minutes': () =>
		changed(second => (isBetween(250, 370, second) ? undefined : {})),
	'etcd, REST and SSH out of sight for three minutes': () =>
		changed(second =>
			isBetween(300, 480, second) ? {leader: undefined, vip: undefined, lag: undefined} : {},
		),
	'the probe off for a while': () =>
		changed(second => (isBetween(100, 200, second) ? {writes: undefined, reads: undefined} : {})),
	'nothing was ever answered': () => changed(() => ({writes: [], reads: []})),
	'queries alone': () =>
		changed(() => ({}), {
			...target,
			probe: {host: '10.73.0.172', ports: {write: 5000}, write: false},
		}),
};

function paneOf(shown: ClusterSnapshot, size: Size): string {
	return renderToString(
		<ThemeContext value={themeFor({NO_COLOR: '1'})}>
			<Pane rows={chartPane(shown, size)} {...size} />
		</ThemeContext>,
		{columns: size.width},
	);
}

describe.each(Object.entries(scenes))('%s', (_, make) => {
	const shown = make();
	it.each(chartSizes)('at $width x $height', size => {
		const frame = paneOf(shown, size);
		const lines = frame.split('\n');
		expect(lines).toHaveLength(size.height);
		expect(lines.filter(line => stringWidth(line) !== size.width)).toEqual([]);
		// Only names may be cut, in lanes.
		expect(lines.filter(line => line.includes('…') && !/│ (Leader|VIP) /.test(line))).toEqual([]);
		expect(frame).toMatchSnapshot();
	});
});

describe('sizes in between', () => {
	const shown = scenes['a switchover with an outage of writes']?.() ?? changed(() => ({}));

	it('fit as well, and mark the outage and the change of the leader', () => {
		for (let width = 60; width <= 200; width += 7) {
			for (let height = 5; height <= 16; height++) {
				const lines = paneOf(shown, {width, height}).split('\n');
				expect(lines).toHaveLength(height);
				expect(lines.filter(line => stringWidth(line) !== width)).toEqual([]);
				const leader = lines.find(line => line.includes('Leader ')) ?? '';
				expect(leader).toMatch(/^│ Leader +pgdb1━+×{1,3}pgdb2━+ │$/);
				expect(lines[1]).toContain('×');
			}
		}
	});
});
