/** The shapes of `probe` and `monitor`: how PostgreSQL is reached as a client. */
import * as z from 'zod';
import {asValue, file, name, port, strictSection, text, yesOrNo} from './setting-kinds.ts';

const sslmode = z.enum(
	['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'],
	'must be disable, allow, prefer, require, verify-ca or verify-full',
);

/** libpq's parameter names; a DSN or a service overrides these. */
export const probe = strictSection({
	dsn: text
		.optional()
		.describe('connection string, `postgresql://USER@HOST:PORT/DATABASE` or `host=… user=…`, as for psql'),
	service: name.optional().describe('name of a service in the service file (`pg_service.conf`)'),
	host: name.optional().describe('host to connect to; default: the VIP'),
	port: port
		.optional()
		.describe('port that leads to the primary; default: `haproxy.ports.primary`, then 5000'),
	read_port: z
		.preprocess(asValue, z.union([z.literal(false), port], 'must be a port, 1 to 65535, or false'))
		.optional()
		.describe(
			'port that leads to the replicas, or `false`: do not probe them; default: `haproxy.ports.replicas`, then 5001',
		),
	user: name.optional().describe('user; without a user there is no probe'),
	database: name.optional().describe('database; default: the name of the user'),
	password: text.optional().describe('password; better in `~/.pgpass`'),
	sslmode: sslmode.optional().describe('TLS mode, as in libpq; default: `prefer`'),
	sslrootcert: file.optional().describe('file with the CA certificates'),
	sslcert: file.optional().describe('file with the client certificate'),
	sslkey: file.optional().describe('file with the key of the client certificate'),
	write: yesOrNo.default(false).describe('probe with durable writes instead of queries'),
	table: z
		.string()
		.regex(
			/^(?:[A-Za-z_][A-Za-z0-9_]*\.)?[A-Za-z_][A-Za-z0-9_]*$/,
			'must be the name of a table, with its schema if need be (letters, digits and _)',
		)
		.optional()
		.describe('table that a drill writes numbered rows to and verifies afterwards'),
});

/** As the probe's; the host and the port are each member's. */
export const monitor = strictSection({
	service: name
		.optional()
		.describe('name of a service in the service file (`pg_service.conf`); its host and port do not count'),
	user: name
		.optional()
		.describe('user, with the role `pg_monitor`; without a user no member is asked by SQL'),
	database: name.optional().describe('database; default: `postgres`'),
	password: text.optional().describe('password; better in `~/.pgpass`, a line for each member or `*`'),
	sslmode: sslmode.optional().describe('TLS mode, as in libpq; default: the one of `probe`'),
	sslrootcert: file.optional().describe('file with the CA certificates; default: the one of `probe`'),
	sslcert: file.optional().describe('file with the client certificate; default: the one of `probe`'),
	sslkey: file
		.optional()
		.describe('file with the key of the client certificate; default: the one of `probe`'),
});
