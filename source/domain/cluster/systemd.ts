/** What systemd on a node reports of the services that the cluster stands on, and how its disks are. */
import type {Service} from './services.ts';

export type Unit = {
	service: Service;
	/** `patroni.service`, as systemd calls it. */
	unit: string;
	/** `loaded`, `not-found`, `masked`, … */
	load: string;
	/** `active`, `inactive`, `failed`, `activating`, `deactivating`, `reloading`. */
	active: string;
	/** `running`, `dead`, `auto-restart`, … */
	sub: string;
	/** Another one with each start; empty before the first. */
	invocationId: string;
	/** When it came into its present state by the node's clock, Unix ms (whole seconds); undefined when it never did. */
	since: number | undefined;
	/** Of the main process; 0 when there is none. */
	pid: number;
	/** How often systemd restarted it by itself. */
	restarts: number;
};

export type Filesystem = {
	/** Where it is mounted. */
	mount: string;
	/** What lies there. */
	holds: readonly ('postgresql' | 'etcd' | 'root')[];
	/** Bytes. */
	size: number;
	used: number;
	/** Of what an ordinary user may use. */
	usedPercent: number;
	readOnly: boolean;
};

export function isRunning({active}: Unit): boolean {
	return active === 'active' || active === 'reloading';
}
