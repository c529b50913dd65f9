/** What the console is pointed at. */

/** What the operator's configuration says of the cluster; no secrets. */
export type Target = {
	scope: string;
	namespace: string;
	vip: string | undefined;
	endpoints: readonly string[];
	nodes: readonly {name: string; host: string; roles: readonly ('database' | 'etcd')[]}[];
	/** Whether operations are offered: sent, only shown, or not at all. */
	hands: 'on' | 'dry-run' | 'off';
	/** A user for Patroni's REST API is configured. */
	restUser: boolean;
	/** What the operator turned off that makes what is seen less trustworthy, such as the verification of TLS. */
	warnings: readonly string[];
};
