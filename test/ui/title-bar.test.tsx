/** The title of a profile: its name in words, and its colour over the whole line. */
import {Chalk} from 'chalk';
import {describe, expect, it} from 'vitest';
import {type TitleColor, titleColors} from '../../source/domain/target.ts';
import {coloured} from '../../source/ui/components/theme.ts';
import {healthyFacts} from '../support/captures.ts';
import {frameOf, screen, sizes, themeFor} from '../support/screen.tsx';
import {Session, target} from '../support/session.ts';

const {state: profiled} = new Session({...target, profile: 'prod', titleColor: 'red'}).at(
	0,
	...healthyFacts('trixie'),
);

describe('the title of a profile', () => {
	it.each(sizes)('has its name at $width x $height, without colours too', size => {
		const [title = ''] = frameOf(profiled, size).split('\n');
		expect(title).toMatch(/^ pgha-top {2}\[prod\] /);
	});

	it('keeps its name before a long scope, warnings and notices', () => {
		const crowded = {
			...profiled,
			target: {
				...profiled.target,
				scope: 'a-scope-with-a-long-name',
				operations: 'disabled' as const,
				warnings: ['TLS to Patroni is NOT verified (--insecure)'],
				notices: ['one'],
			},
		};
		expect(frameOf(crowded, {width: 80, height: 24})).toMatch(
			/^ pgha-top {2}\[prod\] a-scope-with-a-long-name {2}READ-ONLY/,
		);
	});

	it.each(titleColors)('is a bar of %s over the whole width, and of no other line', color => {
		const style = new Chalk({level: 1});
		const state = {...profiled, target: {...profiled.target, titleColor: color as TitleColor}};
		const shown = screen(state, {width: 80, height: 24}, undefined, coloured('16-colors', style));
		const [title = '', ...rest] = shown.frame().split('\n');
		shown.close();
		const background = /^\u001B\[(4\d)m/.exec(
			style[`bg${color[0]?.toUpperCase()}${color.slice(1)}` as 'bgRed'](' '),
		)?.[1];
		// Without what is drawn on the background nothing is left.
		const parts = title.matchAll(new RegExp(`\u001B\\[${background}m(.*?)\u001B\\[49m`, 'g'));
		const drawn = [...parts].map(([, text = '']) => text.replaceAll(/\u001B\[\d+m/g, '')).join('');
		expect(drawn).toHaveLength(80);
		expect(rest.join('\n')).not.toContain(`\u001B[${background}m`);
	});

	it('is inverse where colours are off', () => {
		const shown = screen(profiled, {width: 80, height: 24}, undefined, themeFor({NO_COLOR: '1'}));
		const frame = shown.frame();
		shown.close();
		expect(frame.split('\n')[0]).toContain('[prod]');
	});
});
