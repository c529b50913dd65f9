/** What a login over SSH is made with. */

export type SshOptions = {
	user?: string;
	port?: number;
	configFile?: string;
	/** The way there, as `-J` takes it; where it is not given, the ssh configuration's. */
	jump?: string;
};

export type SshSettings = {
	hostname: string;
	port: number;
	user: string;
	/** The name under which known_hosts keeps the host: HostKeyAlias unchanged, else the host name, with a port other than 22. */
	knownAs: string;
	/** The name without the port, used if `knownAs` is not listed. */
	knownAsElse: string | undefined;
	identityFiles: readonly string[];
	/** Socket of the agent; undefined for none. */
	agent: string | undefined;
	/** The agent's keys that are offered: all, or those of the identity files. */
	identitiesOnly: boolean;
	knownHostsFiles: readonly string[];
	/** `off` is OpenSSH's `no`. */
	strictHostKeyChecking: 'yes' | 'ask' | 'accept-new' | 'off';
	/** The host's address must not be known under another key. */
	checkHostIp: boolean;
	/** A file of keys that are not accepted under any name. */
	revokedHostKeys: string | undefined;
	knownHostsCommand: string | undefined;
	/** That may be asked of the host, the preferred first; empty where that is not known. */
	hostKeyAlgorithms: readonly string[];
	proxyJump: string | undefined;
	proxyCommand: string | undefined;
};
