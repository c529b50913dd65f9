/** Types of a login over SSH. */

export type SshOptions = {
	user?: string;
	port?: number;
	configFile?: string;
	/** Jump hosts, as in `-J`; undefined: the ssh configuration decides. */
	jump?: string;
};

export type SshSettings = {
	hostname: string;
	port: number;
	user: string;
	/** The host's name in known_hosts: HostKeyAlias unchanged, else the host name, with a port other than 22. */
	knownAs: string;
	/** The name without the port, tried if `knownAs` is not listed. */
	knownAsElse: string | undefined;
	identityFiles: readonly string[];
	/** Socket of the agent; undefined without one. */
	agent: string | undefined;
	/** Offers only the agent's keys of the identity files. */
	identitiesOnly: boolean;
	knownHostsFiles: readonly string[];
	/** `off` stands for OpenSSH's `no`. */
	strictHostKeyChecking: 'yes' | 'ask' | 'accept-new' | 'off';
	/** Refuses a host whose address is known with another key. */
	checkHostIp: boolean;
	/** File of keys that are refused under any name. */
	revokedHostKeys: string | undefined;
	knownHostsCommand: string | undefined;
	/** Host key algorithms to request, in order of preference; empty if unknown. */
	hostKeyAlgorithms: readonly string[];
	proxyJump: string | undefined;
	proxyCommand: string | undefined;
};
