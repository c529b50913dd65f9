/**
 * Odd configuration files, as people write them: what pgha-top reads is compared with what Patroni reads
 * (`test/captures/patroni-readings.json`, which `tools/patroni-readings/write.ts` makes). All secrets are made up.
 */

export type OddFile = {
	/** What is odd. */
	name: string;
	/** `patroni.yml`; undefined without a file. */
	yaml?: string | Uint8Array;
	/** Other files of a folder, which is given instead of the file. */
	files?: Readonly<Record<string, string>>;
	environment?: Readonly<Record<string, string>>;
	/** The error with which pgha-top refuses it. */
	refused?: RegExp;
	/** A notice or a warning of pgha-top. */
	notice?: RegExp;
	/** Differences that are left on purpose: the fields, the versions of Patroni if not all, and the reason. */
	differs?: readonly {fields: readonly string[]; versions?: readonly string[]; why: string}[];
};

const base = 'scope: main\nname: n1\netcd3: {host: "a:2379"}\n';
const withScope = (scope: string) => `scope: ${scope}\nname: n1\netcd3: {host: "a:2379"}\n`;
const withPassword = (password: string) =>
	`${base}restapi:\n  authentication:\n    username: admin\n    password: ${password}\n`;
const withEtcd = (lines: string) => `scope: main\nname: n1\netcd3:\n${lines}`;
const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le');

const only3 = ['3.0.2'];
const ctlSince4 = {fields: ['rest.auth'], versions: only3, why: 'Patroni 3.0 has no ctl.authentication'};
const serverCertificate = {
	fields: ['rest.cert', 'rest.key'],
	versions: only3,
	why: "Patroni 3.0 offers the server's certificate as the client's, later versions only that of ctl",
};
const clearer = (why: string) => [{fields: ['refused'], why}];

/** A value of a scope, and its kind to Python. */
const scalars =
	'0123|12:30|1_000|0x1F|0b101|1234.5|1_0.5|190:20:30.15|.5|.inf|.nan|1.5e+3|2026-11-26|2026-11-26 12:30:00|2026-11-26T12:30:00.5Z|2026-11-26 12:30:00 +02:30|yes|no|On|OFF|true|-12|+7|12345'.split(
		'|',
	);

/** Text to Python, a number or a word elsewhere. */
const texts = '1e3|08|0o17|y|n|1.2.3|12e03|2026-1-5|1:99|0:30|TrUe|NaN|+|.|1,000'.split('|');

export const oddFiles: readonly OddFile[] = [
	{name: 'as usual', yaml: base},

	// Values that YAML 1.1 does not read as text.
	...scalars.map(scalar => ({
		name: `scope ${scalar}`,
		yaml: withScope(scalar),
		notice:
			/patroni\.yml, line 1: scope: Patroni reads .* here, not text, and fails: put the value in quotes/,
	})),
	...texts.map(text => ({name: `scope ${text}, which is text`, yaml: withScope(text)})),
	...scalars.map(scalar => ({
		name: `password ${scalar}`,
		yaml: withPassword(scalar),
		...(['1234.5', '2026-11-26', '2026-11-26 12:30:00', '-12', '12345'].includes(scalar)
			? {}
			: {
					notice:
						/line 7: restapi\.authentication\.password: Patroni reads .* here, which pgha-top does, too: put the value in quotes/,
				}),
	})),
	...texts.map(text => ({name: `password ${text}, which is text`, yaml: withPassword(text)})),
	{name: 'a password in quotes', yaml: withPassword('"0123"')},
	{name: 'a password with the tag of text', yaml: withPassword('!!str 0123')},
	{name: 'a password as a block', yaml: withPassword('|-\n      0123')},
	{
		name: 'a password that is nothing',
		yaml: withPassword('~'),
		notice: /line 7: restapi\.authentication\.password: Patroni reads nothing here/,
	},
	{
		name: 'a password that is missing after its colon',
		yaml: withPassword(''),
		notice: /line 7: restapi\.authentication\.password: Patroni reads nothing here/,
	},
	{
		name: 'a password that became a comment',
		yaml: withPassword('#secret'),
		notice: /line 7: restapi\.authentication\.password: Patroni reads nothing here/,
	},
	{name: 'a password with # after a letter', yaml: withPassword('se#cret')},
	{name: 'a password that is cut by a comment', yaml: withPassword('se #cret')},
	{
		name: 'an empty user and password',
		yaml: `${base}restapi: {authentication: {username: "", password: ""}}\n`,
	},
	{
		name: 'a user without a password',
		yaml: `${base}restapi: {authentication: {username: admin}}\n`,
		notice: /line 4: restapi\.authentication: there is no password, without which Patroni fails/,
	},
	{name: 'the old form of a user', yaml: `${base}restapi: {auth: "admin:made:up"}\n`},
	{
		name: 'the old form beside the new one',
		yaml: `${base}restapi: {auth: "a:b", authentication: {username: c, password: d}}\n`,
	},
	{
		name: 'the old form in base 60',
		yaml: `${base}restapi:\n  auth: 12:30\n`,
		notice: /line 5: restapi\.auth: Patroni reads a number in base 60 here, not text, and fails/,
	},
	{
		name: 'a user of ctl before that of restapi',
		yaml: `${base}restapi: {auth: "a:b"}\nctl: {authentication: {username: c, password: 0123}}\n`,
		notice: /line 5: ctl\.authentication\.password: Patroni reads a number in octal/,
		differs: [ctlSince4],
	},
	{
		name: 'an etcd password that is a number',
		yaml: withEtcd('  host: a\n  username: root\n  password: 12345\n'),
		notice: /line 6: etcd3\.password: Patroni reads a number here, not text, and fails/,
	},
	{
		name: 'an etcd password that is text',
		yaml: withEtcd('  host: a\n  username: root\n  password: "12345"\n'),
	},
	{
		name: 'a name that is a number',
		yaml: 'scope: main\nname: 1\netcd3: {host: a}\n',
		notice: /line 2: name: Patroni reads a number here, not text, and fails/,
	},
	{
		name: 'a namespace that is a number',
		yaml: `${base}namespace: 7\n`,
		notice: /line 4: namespace: Patroni reads a number here, not text, and fails/,
	},
	{
		name: 'an address in base 60',
		yaml: `${base}restapi: {connect_address: 10:59}\n`,
		notice: /line 4: restapi\.connect_address: Patroni reads a number in base 60/,
	},

	// What has a meaning of its own in YAML.
	{
		name: 'a password of asterisks',
		yaml: withPassword('****'),
		refused:
			/patroni\.yml, line 7: not valid YAML: \* at the beginning of a value .*: put the value in quotes/,
	},
	{
		name: 'every address with an asterisk',
		yaml: `${base}postgresql:\n  listen: *:5432\n`,
		refused:
			/patroni\.yml, line 5: not valid YAML: \* at the beginning of a value .*: put the value in quotes/,
	},
	{
		name: 'every address with an asterisk in brackets',
		yaml: `${base}postgresql: {listen: *:5432}\n`,
		refused: /patroni\.yml, line 4: not valid YAML: /,
	},
	{name: 'every address in quotes', yaml: `${base}restapi: {listen: "*:8008"}\n`},
	{
		name: 'a password with an anchor',
		yaml: withPassword('&secret'),
		notice: /line 7: restapi\.authentication\.password: Patroni reads nothing here/,
	},
	{
		name: 'a password with a tag',
		yaml: withPassword('!secret'),
		refused: /line 7: not valid YAML: ! at the beginning of a value is a tag.*: put the value in quotes/,
	},
	{
		name: 'a password with @',
		yaml: withPassword('@secret'),
		refused: /line 7: not valid YAML: @ cannot be the first character of a value: put the value in quotes/,
	},
	{
		name: 'a password with a backquote',
		yaml: withPassword('`secret'),
		refused: /line 7: not valid YAML: ` cannot be the first character of a value: put the value in quotes/,
	},
	{
		name: 'a password with a percent sign',
		yaml: withPassword('%secret'),
		refused: /line 7: not valid YAML: % cannot be the first character of a value: put the value in quotes/,
	},
	{
		name: 'a password with a bar',
		yaml: withPassword('|secret'),
		refused:
			/line 7: not valid YAML: \| at the beginning of a value begins a block of text: put the value in quotes/,
	},
	{
		name: 'a password with a bracket',
		yaml: withPassword('[secret'),
		refused: /line [78]: not valid YAML: /,
	},
	{
		name: 'a password in brackets',
		yaml: withPassword('{secret}'),
		refused: /line 7: restapi\.authentication\.password: must be text, found a mapping/,
		differs: clearer('Patroni formats the mapping as Python writes it, which no one means'),
	},
	{
		name: 'a password with a colon',
		yaml: withPassword('se: cret'),
		refused: /line 7: not valid YAML: .*put a value that contains ": " in quotes/,
	},
	{
		name: 'text after quotes',
		yaml: withPassword('"se"cret'),
		refused: /line 7: not valid YAML: /,
	},
	{
		name: 'quotes that are not closed',
		yaml: withPassword('"secret'),
		refused: /line [78]: not valid YAML: /,
	},
	{
		name: 'a backslash in double quotes',
		yaml: withPassword('"se\\cret"'),
		refused: /line 7: not valid YAML: /,
	},
	{name: 'a backslash in single quotes', yaml: withPassword("'se\\cret'")},
	{name: 'a single quote that is doubled', yaml: withPassword("'se''cret'")},
	{
		name: 'an equals sign',
		yaml: withPassword('='),
		refused: /line 7: not valid YAML: = alone has a meaning of its own in YAML: put it in quotes/,
	},
	{
		name: 'a date that does not exist',
		yaml: withScope('2026-02-30'),
		refused: /line 1: not valid YAML: a date that does not exist: put it in quotes/,
	},
	{
		name: 'the tag of a number',
		yaml: withScope('!!int "12"'),
		refused: /line 1: not valid YAML: a tag \(!!\) that is not supported/,
	},

	// Templates.
	{
		name: 'hosts from a shell template',
		yaml: withEtcd(`  hosts: \${ETCD_HOSTS}\n`),
		refused: /line 4: etcd3\.hosts: \$\{ETCD_HOSTS\} was not filled in/,
		differs: clearer('Patroni takes the template for a host name'),
	},
	{
		name: 'a host in a list from a shell template',
		yaml: withEtcd(`  hosts: ["a:2379", "\${ETCD_2:-b}:2379"]\n`),
		refused: /line 4: etcd3\.hosts\.1: \$\{ETCD_2\} was not filled in/,
		differs: clearer('Patroni takes the template for a host name'),
	},
	{
		name: 'a scope in two braces and quotes',
		yaml: withScope('"{{ patroni_scope }}"'),
		refused: /line 1: scope: \{\{ patroni_scope \}\} was not filled in/,
		differs: clearer('Patroni takes the template for a scope'),
	},
	{
		name: 'a scope in two braces',
		yaml: withScope('{{ patroni_scope }}'),
		refused: /line 1: scope: \{\{ patroni_scope \}\} was not filled in/,
	},
	{
		name: 'two braces within a value',
		yaml: withEtcd('  host: {{ etcd }}:2379\n'),
		refused: /line 4: not valid YAML: a template that was not filled in/,
	},
	{
		name: 'a block of a template',
		yaml: `${base}{% if tls %}\nctl: {}\n{% endif %}\n`,
		refused: /line 4: not valid YAML: a template that was not filled in/,
	},
	{
		name: 'a host in angle brackets',
		yaml: withEtcd('  host: <ETCD_IP>\n'),
		refused: /line 4: etcd3\.host: <ETCD_IP> was not filled in/,
		differs: clearer('Patroni takes the template for a host name'),
	},
	{name: 'a password in angle brackets, which may be meant', yaml: withPassword('<PASSWORD>')},
	{
		name: 'a password from a shell template',
		yaml: withPassword(`\${RESTAPI_PASSWORD}`),
		refused: /line 7: restapi\.authentication\.password: a template was not filled in/,
		differs: clearer('Patroni takes the template for the password'),
	},
	{name: 'a password with a dollar sign', yaml: withPassword('$ecret')},
	{
		name: 'templates that Patroni fills itself',
		yaml: `${base}postgresql: {parameters: {archive_command: 'cp %p \${HOME}/%f'}}\n`,
	},
	{
		name: 'an address from a template',
		yaml: `${base}restapi: {connect_address: '\${IP}:8008'}\n`,
		differs: [{fields: ['connect_address'], why: 'a template is no address: not used'}],
	},

	// Empty values.
	{
		name: 'an empty scope',
		yaml: withScope('""'),
		refused: /scope is missing/,
	},
	{
		name: 'an empty namespace',
		yaml: `${base}namespace: ""\n`,
		differs: [{fields: ['prefix'], why: 'Patroni fails on it: the default is meant'}],
	},
	{
		name: 'an empty url beside hosts',
		yaml: withEtcd('  url: ""\n  hosts: "a:2379"\n'),
		differs: [
			{fields: ['etcd.hosts'], why: 'Patroni takes each letter for a host: an empty value is not given'},
		],
	},
	{
		name: 'a url of nothing beside hosts',
		yaml: withEtcd('  url:\n  hosts: "a:2379"\n'),
		differs: [{fields: ['etcd.hosts'], versions: only3, why: 'Patroni 3.0 takes each letter for a host'}],
	},
	{
		name: 'empty names of files',
		yaml: `${base}ctl: {cacert: "", certfile: "", keyfile: ""}\nrestapi: {cafile: ""}\n`,
	},
	{name: 'an empty section', yaml: `${base}ctl:\nrestapi:\nlog:\npostgresql:\n`},
	{
		name: 'an empty section of another store',
		yaml: `${base}etcd: {}\n`,
		notice: /Patroni uses etcd, which comes before etcd3; etcd3 is read/,
	},
	{name: 'another store of nothing', yaml: `${base}etcd:\nconsul: ~\n`},

	// Citus.
	{name: 'a Citus group with its database', yaml: `${base}citus: {group: 3, database: app}\n`},
	{
		name: 'a Citus group without a database',
		yaml: `${base}citus: {group: 3}\n`,
		notice: /line 4: citus\.group: ignored, as in Patroni, without the name of a database in citus\.database/,
	},
	{
		name: 'a Citus group in quotes',
		yaml: `${base}citus: {group: "3", database: app}\n`,
		notice: /line 4: citus\.group: Patroni ignores a group in quotes: remove the quotes/,
	},
	{
		name: 'a Citus database that is a number',
		yaml: `${base}citus: {group: 3, database: 12}\n`,
		notice: /line 4: citus\.group: ignored, as in Patroni/,
	},
	{name: 'an empty Citus database', yaml: `${base}citus: {group: 3, database: ""}\n`},
	{name: 'a Citus group in octal', yaml: `${base}citus: {group: 010, database: app}\n`},

	// TLS.
	...['1', 'yes', 'on', 'true', '0', 'no', 'off', 'false'].map(word => ({
		name: `insecure: ${word}`,
		yaml: `${base}ctl: {insecure: ${word}}\n`,
	})),
	{
		name: 'insecure: false in quotes',
		yaml: `${base}ctl: {insecure: "false"}\n`,
		notice: /line 4: ctl\.insecure: Patroni takes any text in quotes for true: remove the quotes/,
		differs: [{fields: ['rest.insecure'], why: 'verification is not turned off by the word false'}],
	},
	{
		name: 'insecure: y',
		yaml: `${base}ctl: {insecure: y}\n`,
		refused: /line 4: ctl\.insecure: must be true or false, found "y"/,
		differs: clearer('Patroni takes any text for true, "n", too'),
	},
	{name: 'the CA of restapi', yaml: `${base}restapi: {cafile: /r.pem}\n`},
	{
		name: 'the CA of ctl before that of restapi',
		yaml: `${base}restapi: {cafile: /r.pem}\nctl: {cacert: /c.pem}\n`,
	},
	{
		name: 'certificates of restapi, which are those of a server',
		yaml: `${base}restapi: {certfile: /r.pem, keyfile: /r.key}\n`,
		differs: [serverCertificate],
	},
	{
		name: 'certificates of ctl',
		yaml: `${base}ctl: {certfile: /c.pem, keyfile: /c.key, keyfile_password: "k1"}\n`,
	},
	{name: 'insecure with a certificate', yaml: `${base}ctl: {certfile: /c.pem, insecure: true}\n`},
	{
		name: 'a password of a key that is a number',
		yaml: `${base}ctl: {certfile: /c.pem, keyfile_password: 0123}\n`,
		notice: /line 4: ctl\.keyfile_password: Patroni reads a number in octal here, not text, and fails/,
	},

	// etcd's hosts.
	{name: 'hosts in one text', yaml: withEtcd('  hosts: a:2379,b:2379, c:2379\n')},
	{name: 'hosts in a list', yaml: withEtcd('  hosts:\n  - a:2379\n  - b:2379\n')},
	{
		name: 'hosts in a list without indentation',
		yaml: 'scope: main\nname: n1\netcd3:\n  hosts:\n  - a:2379\n  - b\n  port: 7\n',
	},
	{
		name: 'a comma at the end of hosts',
		yaml: withEtcd('  hosts: a:2379,b:2379,\n'),
		differs: [{fields: ['etcd.hosts'], why: 'Patroni adds a host without a name, which is never reached'}],
	},
	{
		name: 'a host in a list that is a number',
		yaml: withEtcd('  hosts: ["a:2379", 10:23]\n'),
		refused: /line 4: etcd3\.hosts: must be HOST:PORT/,
		differs: clearer('Patroni leaves the host out in silence'),
	},
	{name: 'IPv6 with brackets', yaml: withEtcd('  hosts: ["[fd00::1]:2379", "[fd00::2]:2379"]\n')},
	{name: 'IPv6 without brackets', yaml: withEtcd('  host: fd00::1:2379\n')},
	{name: 'a host with a port beside it', yaml: withEtcd('  host: a\n  port: 7\n')},
	{
		name: 'a host with a port twice',
		yaml: withEtcd('  host: a:1\n  port: 7\n'),
		differs: [{fields: ['etcd.hosts'], why: 'the port of the host itself is what is meant'}],
	},
	{name: 'a port in quotes', yaml: withEtcd('  hosts: a\n  port: "7"\n')},
	{
		name: 'https',
		yaml: withEtcd('  hosts: a:2379\n  protocol: https\n  cacert: /c.pem\n  cert: /c.crt\n  key: /c.key\n'),
	},
	{
		name: 'HTTPS in capitals',
		yaml: withEtcd('  hosts: a:2379\n  protocol: HTTPS\n'),
		refused: /line 5: etcd3\.protocol: must be http or https, found "HTTPS"/,
		differs: clearer('Patroni makes a URL of it that no library knows'),
	},
	{name: 'a url', yaml: withEtcd('  url: https://a:2379\n  cacert: /c.pem\n')},
	{name: 'a url with a user', yaml: withEtcd('  url: http://root:p@ss@a:2379\n')},
	{name: 'a url without a port', yaml: withEtcd('  url: https://a\n')},
	{
		name: 'a proxy before a url and hosts',
		yaml: withEtcd('  hosts: a\n  url: http://b\n  proxy: http://c:80\n'),
	},
	{
		name: 'URLs as hosts',
		yaml: withEtcd('  hosts: http://a:2379,http://b:2379\n'),
		notice: /line 4: etcd3\.hosts: Patroni reads no URLs here, and fails: write HOST:PORT/,
		differs: [{fields: ['etcd.hosts'], why: 'the addresses are clear'}],
	},
	{
		name: 'DNS discovery',
		yaml: withEtcd('  srv: example.org\n'),
		refused: /etcd3\.srv \(DNS discovery\) is not supported/,
		differs: clearer('not supported'),
	},
	{
		name: 'no host',
		yaml: withEtcd('  protocol: https\n'),
		refused: /etcd3 names no host/,
	},

	// Stores.
	{
		name: 'consul only',
		yaml: 'scope: main\nname: n1\nconsul: {host: "a:8500"}\n',
		refused: /only consul is configured: members are followed through Patroni's REST API/,
		differs: clearer('followed through REST, which needs an address to begin with'),
	},
	{
		name: 'etcd v2 only',
		yaml: 'scope: main\nname: n1\netcd: {hosts: "a:2379"}\n',
		refused: /only etcd is configured: members are followed through Patroni's REST API/,
		differs: clearer('followed through REST, which needs an address to begin with'),
	},
	{
		name: 'etcd v2 and zookeeper',
		yaml: 'scope: main\nname: n1\nzookeeper: {hosts: "a:2181"}\netcd: {hosts: "a:2379"}\n',
		refused: /only etcd and zookeeper are configured: members are followed/,
		differs: clearer('followed through REST, which needs an address to begin with'),
	},
	{
		name: 'exhibitor within zookeeper',
		yaml: 'scope: main\nname: n1\nzookeeper: {exhibitor: {hosts: [a], port: 8181}}\n',
		refused: /only zookeeper is configured: members are followed/,
		differs: clearer('followed through REST, which needs an address to begin with'),
	},
	{
		name: 'raft only',
		yaml: 'scope: main\nname: n1\nraft: {self_addr: "a:2222", partner_addrs: ["b:2222"]}\n',
		refused: /only raft is configured: members are followed/,
		differs: clearer('followed through REST, which needs an address to begin with'),
	},
	{
		name: 'Kubernetes only',
		yaml: 'scope: main\nname: n1\nkubernetes: {namespace: default, labels: {app: x}}\n',
		refused: /only kubernetes is configured: members are followed/,
		differs: clearer('followed through REST, which needs an address to begin with'),
	},
	{
		name: 'consul before etcd3',
		yaml: `${base}consul: {host: "a:8500"}\n`,
		notice: /Patroni uses consul, which comes before etcd3; etcd3 is read/,
	},
	{
		name: 'etcd v2 before etcd3',
		yaml: `${base}etcd: {hosts: "a:2379"}\n`,
		notice: /Patroni uses etcd, which comes before etcd3; etcd3 is read/,
	},
	{name: 'zookeeper after etcd3', yaml: `${base}zookeeper: {hosts: "a:2181"}\nraft: {self_addr: "a:1"}\n`},

	// A node's own file.
	{
		name: "a node's own settings",
		yaml: `${base}restapi:\n  listen: 0.0.0.0:8008\n  connect_address: 10.0.0.1:8008\n  certfile: /r.pem\npostgresql:\n  listen: 0.0.0.0:5432\n  connect_address: 10.0.0.1:5432\n  data_dir: /srv/pg/16/main\n  parameters:\n    log_directory: /var/log/pg\nlog:\n  dir: /var/log/patroni\n`,
		differs: [serverCertificate],
	},
	{
		name: 'sections that are text',
		yaml: `${base}postgresql: hello\nlog: 12\n`,
		differs: [{fields: ['load'], why: 'Patroni fails on a section that pgha-top does not need'}],
	},
	{name: 'parameters that are empty', yaml: `${base}postgresql: {data_dir: /srv/pg, parameters: }\n`},
	{
		name: 'a name in the old place',
		yaml: 'scope: main\netcd3: {host: a}\npostgresql: {name: n7}\n',
		differs: [{fields: ['name'], why: 'the place of Governor, before Patroni 1.0'}],
	},

	// The form of the file.
	{
		name: 'the last of two equal keys',
		yaml: `scope: old\n${base}`,
		notice: /line 2: scope stands twice, also in line 1: the last one counts/,
	},
	{
		name: 'a section twice',
		yaml: `${base}etcd3: {username: u, password: p, host: b}\n`,
		notice: /line 4: etcd3 stands twice, also in line 3: the last one counts/,
	},
	{
		name: 'a merge key',
		yaml: 'x: &x {host: a, username: u, password: p}\nscope: main\nname: n1\netcd3: {<<: *x, host: b}\n',
	},
	{
		name: 'a merge key after the keys',
		yaml: 'x: &x {host: a, port: 7}\nscope: main\nname: n1\netcd3:\n  host: b\n  <<: *x\n',
	},
	{
		name: 'a list of merge keys',
		yaml: 'x: &x {host: a, port: 7}\ny: &y {host: b, username: u}\nscope: main\nname: n1\netcd3:\n  <<: [*x, *y]\n  password: p\n',
	},
	{
		name: 'two merge keys',
		yaml: 'x: &x {host: a, port: 7}\ny: &y {host: b}\nscope: main\nname: n1\netcd3:\n  <<: *x\n  <<: *y\n',
	},
	{name: 'an anchor on a value', yaml: 'scope: &s main\nname: *s\netcd3: {host: a}\n'},
	{
		name: 'an anchor twice',
		yaml: 'scope: &s main\nname: &s n1\netcd3: {host: *s}\n',
		refused: /line 2: not valid YAML: the anchor \(&\) of this name exists already/,
	},
	{name: 'a byte order mark', yaml: `\uFEFF${base}`},
	{name: 'lines that end with CR LF', yaml: base.replaceAll('\n', '\r\n')},
	{
		name: 'UTF-16',
		yaml: utf16(base),
		refused: /patroni\.yml: cannot be read: it is UTF-16: save it as UTF-8/,
	},
	{
		name: 'Latin-1',
		yaml: Buffer.from(`${base}# \u00FC\n`, 'latin1'),
		refused: /cannot be read: it is not UTF-8 text/,
	},
	{name: 'text beyond ASCII', yaml: withPassword('grün')},
	{
		name: 'text beyond Latin-1',
		yaml: withPassword('\u{1F418}\u4E2D'),
		differs: [
			{
				fields: ['rest'],
				why: "patronictl cannot send it; Patroni's server expects UTF-8, which pgha-top sends",
			},
		],
	},
	{name: 'a dash', yaml: withScope('-'), refused: /line 1: not valid YAML: /},
	{name: 'no line end at the end', yaml: base.trimEnd()},
	{name: 'a marker of a document', yaml: `---\n${base}...\n`},
	{name: 'a directive', yaml: `%YAML 1.1\n---\n${base}`},
	{
		name: 'several documents',
		yaml: `${base}---\nscope: other\n`,
		refused: /not valid YAML: several documents \(---\)/,
	},
	{
		name: 'a tab as indentation',
		yaml: 'scope: main\nname: n1\netcd3:\n\thost: a\n',
		refused: /line 4: not valid YAML: a tab at the beginning of a line: indent with spaces/,
	},
	{
		name: 'a tab after a colon',
		yaml: 'scope:\tmain\nname: n1\netcd3: {host: a}\n',
		refused: /line 1: not valid YAML: a tab, which Patroni refuses outside of quotes: use spaces/,
	},
	{
		name: 'a tab at the end of a line',
		yaml: 'scope: main\t\nname: n1\netcd3: {host: a}\n',
		refused: /line 1: not valid YAML: a tab, which Patroni refuses outside of quotes: use spaces/,
	},
	{name: 'tabs in a comment, in quotes and in a block', yaml: `${base}#\tx\nx: "a\tb"\ny: |\n  a\tb\n`},
	{
		name: 'brackets that are indented less',
		yaml: 'scope: main\nname: n1\netcd3:\n  hosts: [\na:2379,\nb:2379\n]\n',
		refused: /line 5: not valid YAML: .*brackets continue on a line without indentation/,
		differs: clearer('not valid in YAML, which Patroni overlooks'),
	},
	{name: 'an empty file', yaml: '', refused: /scope is missing/},
	{name: 'comments only', yaml: '# nothing\n', refused: /scope is missing/},
	{name: 'a list', yaml: '- scope: main\n', refused: /patroni\.yml: must be a mapping of settings/},
	{name: 'text only', yaml: 'hello\n', refused: /patroni\.yml: must be a mapping of settings/},
	{name: 'a key without a space', yaml: 'scope:main\nname: n1\n', refused: /not valid YAML: /},
	{
		name: 'a line that is not indented as its neighbours are',
		yaml: 'scope: main\netcd3:\n    host: a\n  port: 7\n',
		refused: /line 4: not valid YAML: /,
	},
	{
		name: 'a control character',
		yaml: `${base}x: a\u0007b\n`,
		refused: /line 4: not valid YAML: a control character/,
	},
	{name: 'keys that are no text', yaml: `${base}1: a\nyes: b\n2026-11-26: c\n`},

	// Folders and the environment.
	{
		name: 'a folder of files',
		files: {
			'10.yml': 'scope: old\nnamespace: /n\netcd3: {host: a, username: u}\n',
			'20.yaml': 'scope: main\nname: n1\netcd3: {host: b}\n',
			'x.txt': '}',
		},
	},
	{
		name: 'a folder whose second file takes something away',
		files: {'10.yml': 'scope: main\nname: n1\nnamespace: /n\netcd3: {host: a}\n', '20.yml': 'namespace:\n'},
	},
	{
		name: 'a folder with an empty file',
		files: {'10.yml': base, '20.yml': ''},
		differs: [{fields: ['load'], why: 'Patroni fails on an empty file, which says nothing'}],
	},
	{
		name: 'the environment only',
		environment: {PATRONI_SCOPE: 'main', PATRONI_NAME: 'n1', PATRONI_ETCD3_HOSTS: "'a:2379','b:2379'"},
	},
	...['a:2379,b:2379', "['a:2379', 'b:2379']", '- a:2379\n- b:2379', '"a:2379", "b:2379"', 'a:2379'].map(
		hosts => ({
			name: `PATRONI_ETCD3_HOSTS=${JSON.stringify(hosts)}`,
			yaml: 'scope: main\nname: n1\n',
			environment: {PATRONI_ETCD3_HOSTS: hosts},
		}),
	),
	{
		name: 'a list of variables that is not YAML',
		yaml: 'scope: main\nname: n1\n',
		environment: {PATRONI_ETCD3_HOSTS: '[fd00::1]:2379,b:2379'},
		differs: [{fields: ['stores'], why: 'Patroni drops a list that is not YAML: the addresses are clear'}],
	},
	{
		name: 'variables over a file',
		yaml: `${base}namespace: /n\nrestapi: {authentication: {username: a, password: b}}\n`,
		environment: {
			PATRONI_SCOPE: 'other',
			PATRONI_NAMESPACE: '',
			PATRONI_RESTAPI_PASSWORD: 'c',
			PATRONI_RESTAPI_CONNECT_ADDRESS: '10.0.0.2:8008',
			PATRONI_POSTGRESQL_DATA_DIR: '/srv/pg',
			PATRONI_LOG_DIR: '/var/log/p',
		},
	},
	{
		name: 'numbers in variables, which are text',
		yaml: base,
		environment: {PATRONI_SCOPE: '0123', PATRONI_RESTAPI_USERNAME: 'yes', PATRONI_RESTAPI_PASSWORD: '12:30'},
	},
	{
		name: 'an etcd password in the environment, hosts in a file',
		yaml: withEtcd('  host: a\n  username: u\n  password: p\n'),
		environment: {PATRONI_ETCD3_PASSWORD: 'q'},
		notice: /PATRONI_ETCD3_PASSWORD: ignored, as in Patroni, without PATRONI_ETCD3_HOSTS/,
	},
	{
		name: 'an etcd user and password in the environment, with hosts',
		yaml: base,
		environment: {PATRONI_ETCD3_HOST: 'b', PATRONI_ETCD3_USERNAME: 'u', PATRONI_ETCD3_PASSWORD: 'q'},
	},
	{
		name: 'PATRONI_CONSUL_HOST only',
		yaml: 'scope: main\nname: n1\n',
		environment: {PATRONI_CONSUL_HOST: 'a:8500'},
		refused: /only consul is configured: members are followed through Patroni's REST API/,
		differs: clearer('followed through REST, which needs an address to begin with'),
	},
	{
		name: 'PATRONI_ETCD_HOSTS only',
		environment: {PATRONI_SCOPE: 'main', PATRONI_NAME: 'n1', PATRONI_ETCD_HOSTS: 'a:2379'},
		refused: /only etcd is configured: members are followed through Patroni's REST API/,
		differs: clearer('followed through REST, which needs an address to begin with'),
	},
	{
		name: 'an empty variable of another store',
		yaml: base,
		environment: {PATRONI_CONSUL_HOST: ''},
		notice: /Patroni uses consul, which comes before etcd3; etcd3 is read/,
	},
	{
		name: 'an empty variable of etcd3',
		yaml: base,
		environment: {PATRONI_ETCD3_HOSTS: ''},
		differs: [
			{fields: ['etcd.hosts'], why: 'Patroni empties the hosts of the file: an empty variable is not given'},
		],
	},
	{
		name: 'the variables of raft, which are no section if empty',
		yaml: base,
		environment: {PATRONI_RAFT_SELF_ADDR: ''},
	},
	{
		name: 'a Citus group in the environment',
		yaml: base,
		environment: {PATRONI_CITUS_GROUP: '7', PATRONI_CITUS_DATABASE: 'app'},
	},
	{
		name: 'a Citus group in the environment without a database',
		yaml: base,
		environment: {PATRONI_CITUS_GROUP: '7'},
		notice: /PATRONI_CITUS_GROUP: ignored, as in Patroni/,
	},
	{name: 'PATRONI_CTL_INSECURE', yaml: base, environment: {PATRONI_CTL_INSECURE: 'on'}},
	{
		name: 'PATRONI_CTL_INSECURE that is neither',
		yaml: base,
		environment: {PATRONI_CTL_INSECURE: 'maybe'},
		refused: /PATRONI_CTL_INSECURE: must be true or false, found "maybe"/,
		differs: clearer('Patroni drops it in silence'),
	},
	{
		name: 'a user of ctl in the environment',
		yaml: base,
		environment: {PATRONI_CTL_USERNAME: 'u', PATRONI_CTL_PASSWORD: 'p'},
		differs: [ctlSince4],
	},
	{
		name: 'PATRONI_CONFIGURATION',
		environment: {
			PATRONI_CONFIGURATION: 'scope: whole\nname: n1\netcd3: {host: a}\n',
			PATRONI_SCOPE: 'other',
		},
	},
	{
		name: 'a template in the environment',
		yaml: base,
		environment: {PATRONI_SCOPE: `\${CLUSTER}`},
		refused: /PATRONI_SCOPE: \$\{CLUSTER\} was not filled in/,
		differs: clearer('Patroni takes the template for a scope'),
	},
];
