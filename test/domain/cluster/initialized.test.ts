import {expect, it} from 'vitest';
import type {Event} from '../../../source/domain/events.ts';
import {healthyFacts} from '../../support/captures.ts';
import {Session} from '../../support/session.ts';

const source = 'watch:http://10.73.0.160:2379';
const revision = 1_000_000;
const put = (systemId: string, more: number): Event => ({
	type: 'dcs.put',
	source,
	entry: {
		path: 'initialize',
		value: {kind: 'initialize', systemId},
		createRevision: revision + more,
		modRevision: revision + more,
		lease: undefined,
	},
});
const initialized = ({state}: Session) =>
	state.timeline.map(({text}) => text).filter(text => text.includes('initialized again'));

it('reports that PostgreSQL was initialized again, though its key was deleted and empty in between', () => {
	const session = new Session().at(0, ...healthyFacts('trixie'));
	const {systemId} = session.state.cluster;
	expect(systemId).toMatch(/^\d+$/);
	session.at(1, {type: 'dcs.deleted', source, path: 'initialize', revision});
	session.at(2, put('', 1));
	expect(initialized(session)).toEqual([]);
	session.at(3, put('7700000000000000001', 2));
	expect(initialized(session)).toEqual([
		`PostgreSQL was initialized again: system identifier ${systemId} → 7700000000000000001`,
	]);
});

it('does not report a new cluster when the key comes back unchanged', () => {
	const session = new Session().at(0, ...healthyFacts('trixie'));
	session.at(1, {type: 'dcs.deleted', source, path: 'initialize', revision});
	session.at(2, put(session.state.cluster.systemId ?? '', 1));
	expect(initialized(session)).toEqual([]);
});
