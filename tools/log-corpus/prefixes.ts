/** The settings whose log lines are in the corpus: log_line_prefix, log_timezone and lc_messages of each server start. */
export type Setting = {
	prefix: string;
	timezone: string;
	/** Undefined: the server's own language, English. */
	messages?: string;
};

/** `log_line_prefix` of pgBadger's documentation, of packages and cloud services, and odd ones. */
const prefixes: readonly (readonly [prefix: string, timezone: string])[] = [
	['%m [%p] ', 'Etc/UTC'],
	['%t [%p]: [%l-1] user=%u,db=%d ', 'Europe/Moscow'],
	['%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ', 'Etc/UTC'],
	['%t [%p]: user=%u,db=%d,app=%a,client=%h ', 'Europe/Berlin'],
	['%t [%p]: db=%d,user=%u,app=%a,client=%h ', 'Europe/Istanbul'],
	['user=%u,db=%d,app=%a,client=%h ', 'Etc/UTC'],
	['%m [%p] %q%u@%d ', 'Europe/Berlin'],
	['%t [%p-%l] %q%u@%d ', 'America/Sao_Paulo'],
	['%m|%u|%d| ', 'Asia/Kolkata'],
	['%t:%r:%u@%d:[%p]: ', 'Etc/UTC'],
	['<%m>', 'Asia/Kathmandu'],
	['[%m] [%p]', 'America/New_York'],
	['%n %p ', 'Europe/Moscow'],
	['%m %Q %p ', 'Australia/Adelaide'],
	['%m [%p] [%b] ', 'Etc/UTC'],
	['%-10u %5p %m ', 'America/St_Johns'],
	['%q%m [%p] ', 'Etc/UTC'],
	['%% %m %p%% ', 'Asia/Tokyo'],
	['', 'Etc/UTC'],
	['%u@%d ', 'Etc/UTC'],
	['%c %l %s %v %x ', 'Europe/Moscow'],
	['%m [%p:%l] [%c] [%v/%x] [%e] %i ', 'Europe/London'],
	['< %t %u %d %p >', 'Europe/Berlin'],
	['%m %u %d %r %a ', 'Etc/UTC'],
	['%t %u %d [%p] %h ', 'Asia/Shanghai'],
	['[%p]: [%l-1] ', 'Etc/UTC'],
	['%a: %m %p ', 'Europe/Moscow'],
	['{%m} (%p) <%u> <%d> ', 'Etc/UTC'],
	['%m [%p/%P] ', 'Europe/Kyiv'],
	['%m;%u;%d;%h;%p;', 'Etc/UTC'],
	['%32m|%-8p|%10u|%-12d|%5l| ', 'America/Caracas'],
	['%t %s [%p] %u/%d ', 'Europe/Berlin'],
	['%e: %m: %p: ', 'Etc/UTC'],
	['%z%m%5 %p ', 'Etc/UTC'],
	['%m [%p] %q[user=%u,db=%d,app=%a] ', 'Asia/Yekaterinburg'],
	['time=%m pid=%p user=%u db=%d app=%a client=%h ', 'Pacific/Auckland'],
	['%t-%c-', 'Etc/UTC'],
	['LOG:  %m [%p] ', 'Etc/UTC'],
	['%m [%p] %u %a:', 'Asia/Jerusalem'],
	['%n%p', 'Etc/UTC'],
	['%p %s ', 'Europe/Berlin'],
	['pg %l/%p at %m by %u in %d: ', '<+0330>-3:30'],
	['%m %p ', 'UTC+3'],
];

/** Languages that PostgreSQL's messages are translated to, in Debian's packages. */
const languages = [
	'de_DE.UTF-8',
	'es_ES.UTF-8',
	'fr_FR.UTF-8',
	'id_ID.UTF-8',
	'it_IT.UTF-8',
	'ja_JP.UTF-8',
	'ka_GE.UTF-8',
	'ko_KR.UTF-8',
	'pl_PL.UTF-8',
	'pt_BR.UTF-8',
	'ru_RU.UTF-8',
	'sv_SE.UTF-8',
	'tr_TR.UTF-8',
	'uk_UA.UTF-8',
	'zh_CN.UTF-8',
	'zh_TW.UTF-8',
];

export const settings: readonly Setting[] = [
	...prefixes.map(([prefix, timezone]) => ({prefix, timezone})),
	...languages.map(messages => ({
		prefix: '%t [%p]: [%l-1] user=%u,db=%d ',
		timezone: 'Europe/Moscow',
		messages,
	})),
];
