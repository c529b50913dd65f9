/** OpenSSH's ProxyJump: the hosts that a connection goes through, each with its own user and port. */
import {isIPv6} from 'node:net';
import {SshError} from './ssh-error.ts';

export type Jump = {
	host: string;
	user?: string;
	port?: number;
	/** The hosts before it, as ProxyJump has them; undefined where its own ssh configuration decides. */
	through?: string;
};

/**
 * The last of the hosts, through which the others lead; ssh's own word `none` is taken out before.
 * @throws SshError for what OpenSSH would refuse, too
 */
export function lastJump(text: string): Jump {
	const hops = text.split(',').map(hop => hop.trim());
	const last = hops.pop() ?? '';
	const [, scheme, user, bracketed, bare, port] =
		/^(ssh:\/\/)?(?:([^\s/]+)@)?(?:\[([^\]\s]+)\]|([^\s@/[\]]+?))(?::(\d{1,5}))?\/?$/.exec(last) ?? [];
	const host = bracketed ?? bare;
	// An IPv6 address with a port stands in brackets; one without may stand bare.
	const isAddress = bare !== undefined && scheme === undefined && isBareIpv6(last, user);
	const its = isAddress ? last.slice(user === undefined ? 0 : user.length + 1) : host;
	const number = port === undefined || isAddress ? undefined : Number(port);
	if (
		its === undefined ||
		its.startsWith('-') ||
		(!isAddress && bare?.includes(':')) ||
		hops.includes('') ||
		(number !== undefined && (number === 0 || number > 65_535))
	) {
		throw new SshError(`cannot read ProxyJump ${text}`, 'give [USER@]HOST[:PORT], several with commas');
	}

	return {
		host: its,
		...(user === undefined ? {} : {user}),
		...(number === undefined ? {} : {port: number}),
		...(hops.length === 0 ? {} : {through: hops.join(',')}),
	};
}

function isBareIpv6(hop: string, user: string | undefined): boolean {
	return isIPv6(user === undefined ? hop : hop.slice(user.length + 1));
}
