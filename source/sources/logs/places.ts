/** How far each log of a node has been read: kept over lost connections, and while nobody looks. */
import type {FilePlace} from './command.ts';

export class NodePlaces {
	/** Of the journal. */
	cursor: string | undefined;
	/** By path, the file that was read last at the end. */
	readonly #files = new Map<string, FilePlace[]>();

	files(path: string): readonly FilePlace[] {
		return this.#files.get(path) ?? [];
	}

	/** A few of a folder's files are remembered: those that were read last. */
	setFile(path: string, place: FilePlace): void {
		const others = this.files(path).filter(({inode}) => inode !== place.inode);
		this.#files.set(path, [...others.slice(-7), place]);
	}
}
