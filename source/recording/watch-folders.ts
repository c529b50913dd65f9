/** Where watches record on this machine, and which of them run. */
import {createHash} from 'node:crypto';
import {readdirSync} from 'node:fs';
import path from 'node:path';
import {type ClusterIdentity, isSameCluster} from '../domain/target.ts';
import {errnoWords, errorCode, isMissing} from '../lib/faults.ts';
import {stateFolder} from '../lib/files.ts';
import {readDescription, type WatchDescription} from './watch-files.ts';
import {type WatchState, watchState} from './watch-lock.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The state folder of the service that comes with the packages. */
export const serviceFolder = '/var/lib/pgha-top/watch';

/** The folder of the watches of this user, or of a service under systemd. */
export function ownWatchFolder(environment: Environment = process.env): string {
	const [service] = environment.STATE_DIRECTORY?.split(':') ?? [];
	return path.join(service || stateFolder(environment), 'watch');
}

/** Where to look for watches: those of this user, then those of the service. */
export function watchFolders(environment: Environment = process.env): string[] {
	return [...new Set([ownWatchFolder(environment), serviceFolder])];
}

/** The folder of a cluster's watch. Clusters of the same name have others. */
export function clusterFolder(base: string, identity: ClusterIdentity): string {
	const {scope, namespace, group, addresses} = identity;
	const text = JSON.stringify([namespace, scope, group, [...addresses].sort()]);
	const id = createHash('sha256').update(text).digest('hex').slice(0, 8);
	return path.join(base, `${scope.replaceAll(/[^\w.-]+/g, '_')}-${id}`);
}

export type FoundWatch = {
	/** With the files. */
	folder: string;
	description: WatchDescription;
	state: WatchState;
};

export type Found = {
	watches: readonly FoundWatch[];
	/** Folders that were looked at, with what is to be known of them. */
	looked: readonly string[];
};

/** The watches below these folders; running ones first, then the latest. */
export async function findWatches(bases: readonly string[]): Promise<Found> {
	const watches: FoundWatch[] = [];
	const looked: string[] = [];
	for (const base of bases) {
		try {
			const names = readdirSync(base);
			looked.push(base);
			for (const name of names) {
				const folder = path.join(base, name);
				const description = readDescription(folder);
				if (description !== undefined) {
					watches.push({folder, description, state: await watchState(folder)});
				}
			}
		} catch (error) {
			const isDenied = ['EACCES', 'EPERM'].includes(errorCode(error) ?? '');
			const why = isMissing(error) ? 'no such folder' : errnoWords(error);
			looked.push(`${base} (${why}${isDenied ? ': the group pgha-top may read it' : ''})`);
		}
	}

	const rank = ({state}: FoundWatch) => (state === 'stopped' ? 1 : 0);
	return {
		looked,
		watches: watches.sort((a, b) => rank(a) - rank(b) || b.description.startedAt - a.description.startedAt),
	};
}

/** The watch of this cluster that runs, else the one that ran last. */
export async function findWatchOf(
	cluster: ClusterIdentity,
	bases: readonly string[] = watchFolders(),
): Promise<FoundWatch | undefined> {
	const {watches} = await findWatches(bases);
	return watches.find(({description}) => isSameCluster(description.cluster, cluster));
}
