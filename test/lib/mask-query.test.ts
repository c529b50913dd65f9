/** Statements are shown by their shape: no literal, no comment and nothing like a password remains. */
import {describe, expect, it} from 'vitest';
import {maskQuery} from '../../source/lib/mask-query.ts';

describe('a statement', () => {
	it.each([
		['SELECT 1', 'SELECT ?'],
		[
			"select * from t where a = 'x' and b=-1.5e-3 and c < 0x1F",
			'select * from t where a = ? and b=-? and c < ?',
		],
		['SELECT t1.c2 FROM t1\n\tWHERE id = $1', 'SELECT t1.c2 FROM t1 WHERE id = $1'],
		["UPDATE t SET a = 'it''s', b = E'a\\'b' WHERE c", 'UPDATE t SET a = ?, b = ? WHERE c'],
		["SELECT $$it's$$, $f$ $$ $f$, 'a'", 'SELECT ?, …'],
		["SELECT B'01', X'1f', N'a', U&'d\\0061'", 'SELECT ?, …'],
		['SELECT a /* x /* hunter2 */ y */ FROM b -- hunter2', 'SELECT a FROM b'],
		["INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')", 'INSERT INTO t VALUES (?, …), …'],
		['SELECT "Name" FROM "a""b"', 'SELECT "Name" FROM "a""b"'],
		['SELECT password FROM users WHERE password = $1', 'SELECT password FROM users WHERE password = •••'],
		['<command string not enabled>', '<command string not enabled>'],
		['<insufficient privilege>', '<insufficient privilege>'],
		['COMMIT', 'COMMIT'],
		['', ''],
	])('%j is shown as %j', (text, shown) => {
		expect(maskQuery(text)).toBe(shown);
	});
});

const secret = 'hunter2';

describe('a secret', () => {
	it.each([
		`ALTER ROLE app PASSWORD '${secret}'`,
		`ALTER ROLE app PASSWORD '${secret}`,
		`CREATE USER a ENCRYPTED PASSWORD $x$${secret}$x$`,
		`CREATE USER a ENCRYPTED PASSWORD $x$${secret}`,
		`CREATE USER a PASSWORD $${secret}`,
		`CREATE SUBSCRIPTION s CONNECTION 'host=h password=${secret}' PUBLICATION p`,
		`SET app.k = 'a', ${secret}`,
		`SET app.k = 1, ${secret}`,
		`SET app.k TO "a", ${secret}`,
		`SET app.k = 5kB, ${secret}`,
		`SET app.k = 'a;b', ${secret}; SELECT 1`,
		`ALTER USER x WITH PASSWORD ${secret}`,
		`CREATE USER x PASSWORD ${secret}`,
		`SET app.token TO ${secret}`,
		`SET app.token = ${secret}, more`,
		`SET LOCAL app.anything = ${secret};SELECT 1`,
		`ALTER DATABASE d SET app.anything TO ${secret}`,
		`SELECT f(password := ${secret})`,
		`SELECT f(password => "${secret}")`,
		`UPDATE users SET password = "${secret}" WHERE id = 1`,
		`SELECT * FROM t WHERE api_key = "${secret}"`,
		// Off or on, standard_conforming_strings lets no part of it remain.
		`SELECT 'a\\', '${secret}'`,
		`SELECT 'a\\\\', '${secret}'`,
		`SELECT 'a\\' || ${secret} || '`,
		`SELECT e'\\' ${secret}'`,
		`SELECT u&'${secret}'`,
		`SELECT 'x' '${secret}'`,
		`SELECT 'x'\n'${secret}`,
		`SELECT $$ $a$ ${secret}`,
		`SELECT "${secret}`,
		`/* ${secret}`,
		`SELECT 1 -- postgres://app:${secret}@h/d`,
		`COPY t FROM PROGRAM 'curl -u a:${secret} h'`,
		`postgres://app:${secret}@h/d`,
		`PGPASSWORD=${secret} psql`,
	])('is not in %j', text => {
		expect(maskQuery(text)).not.toContain(secret);
	});

	it('is not in a string that is longer than what is read', () => {
		expect(maskQuery(`SELECT '${secret}`.padEnd(5000, 'x'))).toBe('SELECT ?…');
	});

	it('is not there wherever the server cut the statement', () => {
		const whole = `WITH a AS (SELECT E'\\'${secret}', $q$${secret}$q$, '${secret}''${secret}' /* ${secret} */) ALTER ROLE x PASSWORD '${secret}' -- ${secret}`;
		for (let length = 0; length <= whole.length; length++) {
			expect(maskQuery(whole.slice(0, length))).not.toContain('hunter');
		}
	});
});

describe('a long statement', () => {
	it('is cut, and says so', () => {
		const shown = maskQuery(`SELECT ${'column_name || '.repeat(2000)}`);
		expect([...shown]).toHaveLength(240);
		expect(shown.endsWith('…')).toBe(true);
	});

	it('is not cut within a character', () => {
		expect(maskQuery(`SELECT "${'🐘'.repeat(300)}"`).isWellFormed()).toBe(true);
	});
});
