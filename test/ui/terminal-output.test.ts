import {expect, it} from 'vitest';
import {condenseOutput} from '../../source/ui/terminal.ts';

it('joins cursor movements, and changes nothing else', () => {
	const step = '\u001B[E';
	expect(condenseOutput(`\u001B[39A${step.repeat(12)}\u001B[5G\u001B[Kvalue\n${step}${step}end${step}`)).toBe(
		'\u001B[39A\u001B[12E\u001B[5G\u001B[Kvalue\n\u001B[2Eend\u001B[E',
	);
});
