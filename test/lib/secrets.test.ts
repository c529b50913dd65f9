/** Secrets in the dynamic configuration are masked wherever it is shown or recorded, and sent as they are. */
import {describe, expect, it} from 'vitest';
import {requestLines} from '../../source/domain/operations/request.ts';
import {auditRecord} from '../../source/domain/operations/run.ts';
import {redact, withoutSecret, withoutSecrets} from '../../source/lib/secrets.ts';
import {Operator} from '../support/operator.ts';
import {frameOf} from '../support/screen.tsx';

describe('a value', () => {
	it.each([
		['password', 'x', '•••'],
		['replication_passwd', 'x', '•••'],
		['ssl_passphrase_command', 'echo x', '•••'],
		['primary_conninfo', 'host=a password=x', '•••'],
		['krb_token', 'x', '•••'],
		['password_encryption', 'scram-sha-256', 'scram-sha-256'],
		['max_connections', '100', '100'],
		['archive_command', 'push --password=x.y %p', 'push --password=••• %p'],
		['archive_command', 'push \'password = "a b"\' %p', 'push \'password = "•••"\' %p'],
		['restore_command', 'curl https://me:x@host/%f', 'curl https://me:•••@host/%f'],
	])('of %s, "%s", is shown as "%s"', (name, value, shown) => {
		expect(withoutSecret(name, value)).toBe(shown);
	});

	it('is masked whatever its type, and marked where it differs', () => {
		const before = {
			ttl: 30,
			secrets: {a: ['x']},
			postgresql: {parameters: {a_password: 'x', b_password: 'x'}},
		};
		const after = {
			ttl: 20,
			secrets: {a: ['x']},
			postgresql: {parameters: {a_password: 'y', b_password: null}},
		};
		expect(withoutSecrets(after, before)).toEqual({
			ttl: 20,
			secrets: '•••',
			postgresql: {parameters: {a_password: '••• (changed)', b_password: null}},
		});
	});
});

describe('a change of the configuration', () => {
	const patch = {
		postgresql: {parameters: {primary_conninfo: 'host=a password=hunter2'}, callbacks: ['--token=hunter2']},
	};
	const asked = () => {
		const operator = new Operator().after(10);
		const revision = operator.state.cluster.keys.get('config')?.modRevision;
		return operator.after(11, {type: 'config.edited', revision, patch, difference: []});
	};

	it('is shown and recorded without its secrets, and sent with them', () => {
		const operator = asked();
		const frames = [frameOf(operator.state, {width: 120, height: 40})];
		operator.press('dialog.yes');
		frames.push(frameOf(operator.state, {width: 120, height: 40}));
		const {state, run, sent} = operator;
		const record = auditRecord(run, state.target.scope, 'confirmed', state.now);
		expect(frames.join()).toContain('"primary_conninfo":"•••"');
		expect(JSON.stringify(record.operation)).toContain('•••');
		expect(frames.join() + JSON.stringify(record)).not.toContain('hunter2');
		expect(sent).toMatchObject([{method: 'PATCH', body: JSON.stringify(patch)}]);
	});

	it('without secrets is shown unchanged', () => {
		const body = '{"ttl":20,"x":"\\u202e"}';
		expect(requestLines({via: 'rest', to: 'a', method: 'PATCH', url: 'http://a/config', body})[1]).toBe(body);
	});
});

describe('the masker', () => {
	it('keeps closing brackets after the value, and takes linear time', () => {
		expect(redact('f(password=hunter2), {password: x1})')).toBe('f(password=•••), {password: •••})');
		expect(redact(`password=a${',)'.repeat(50_000)}b`)).toBe('password=•••');
	});
});
