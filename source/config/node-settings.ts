/** What a node's own patroni.yml says of the node. */
import {present} from './layers.ts';
import type {Settings} from './settings.ts';

/** Addresses are `HOST:PORT`, as they stand in the file; folders are paths on the node, `logDirectory` maybe in `dataDir`. */
export type NodeSettings = {
	name?: string;
	restListen?: string;
	restAddress?: string;
	/** Whether the REST API has a certificate. */
	restTls: boolean;
	postgresqlAddress?: string;
	dataDir?: string;
	/** PostgreSQL's `log_directory`. */
	logDirectory?: string;
	/** Patroni's `log.dir`. */
	patroniLogDir?: string;
};

export function nodeSettings({content: {name, restapi, postgresql, log}}: Settings): NodeSettings {
	return {
		restTls: restapi.certfile !== undefined,
		...present({
			name,
			restListen: restapi.listen,
			restAddress: restapi.connect_address,
			postgresqlAddress: postgresql?.connect_address,
			dataDir: postgresql?.data_dir,
			logDirectory: postgresql?.parameters?.log_directory,
			patroniLogDir: log?.dir,
		}),
	};
}
