/** Settings of pgha-top that another user could change are refused, as ssh refuses its own. */
import {chmodSync, chownSync, symlinkSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {readPreferences} from '../../source/config/preferences.ts';
import {readSettings} from '../../source/config/settings.ts';
import {home} from '../support/home.ts';

const isRoot = process.getuid?.() === 0;
const cluster = 'patroni: {scope: main, etcd3: {hosts: "a:2379"}}\n';
const machineFile = 'etc/pgha-top/config.yaml';
const userFile = 'config/pgha-top/config.yaml';
const profile = 'config/pgha-top/profiles/prod.yaml';
const patronictlFile = 'config/patroni/patronictl.yaml';
const all = {[machineFile]: 'deadline: 1\n', [userFile]: cluster, [profile]: 'color: red\n'};

type Change = (place: string) => void;

function read(
	files: Record<string, string>,
	place: string,
	change: Change,
	more: Record<string, string> = {},
) {
	const folder = home(files);
	change(path.join(folder, place));
	const named = Object.fromEntries(
		Object.entries(more).map(([name, value]) => [name, value.replace('HERE', folder)]),
	);
	const environment = {HOME: folder, XDG_CONFIG_HOME: path.join(folder, 'config'), ...named};
	const {
		PROFILE: chosen,
		CONFIG: configFile,
		...variables
	} = {PROFILE: undefined, CONFIG: undefined, ...environment};
	return readSettings({profile: chosen, configFile}, variables, path.join(folder, 'etc')).content.scope;
}

const theirs: Change = place => chownSync(place, 1000, 1000);
const open: Change = place => chmodSync(place, 0o666);
const openFolder: Change = place => chmodSync(place, 0o777);
const places = [machineFile, userFile, profile];
const folders = ['etc/pgha-top', 'config/pgha-top', 'config/pgha-top/profiles'];

describe('a file of pgha-top', () => {
	it.each(places)('%s is refused if others may write it', place => {
		expect(() => read(all, place, open, {PROFILE: 'prod'})).toThrow(
			new RegExp(`/${place}: others could change the settings of pgha-top: chmod go-w \\S+${place}`),
		);
		expect(() => read(all, place, file => chmodSync(file, 0o602), {PROFILE: 'prod'})).toThrow(/others/);
	});

	it.each(folders)('is refused if others may write into its folder %s', place => {
		expect(() => read(all, place, openFolder, {PROFILE: 'prod'})).toThrow(
			new RegExp(`/${place}: others could change the settings of pgha-top: chmod go-w`),
		);
		expect(read(all, place, folder => chmodSync(folder, 0o1777), {PROFILE: 'prod'})).toBe('main');
	});

	it.skipIf(!isRoot).each([...places, ...folders])('is refused if %s belongs to another user', place => {
		expect(() => read(all, place, theirs, {PROFILE: 'prod'})).toThrow(
			new RegExp(
				`/${place}: belongs to user 1000, who could change the settings of pgha-top: chown it to root`,
			),
		);
		expect(() => read(all, place, theirs, {PROFILE: 'prod', SUDO_UID: '1001'})).toThrow(
			/belongs to user 1000/,
		);
	});

	it.skipIf(!isRoot).each([...places, ...folders])('counts under sudo if %s is of who called it', place => {
		expect(read(all, place, theirs, {PROFILE: 'prod', SUDO_UID: '1000'})).toBe('main');
	});

	it.skipIf(!isRoot)('is refused if it is a link to a file of another user', () => {
		const other = path.join(home({'other.yaml': cluster}), 'other.yaml');
		theirs(other);
		const link: Change = folder => symlinkSync(other, path.join(folder, 'config.yaml'));
		expect(() => read({'config/pgha-top/x': ''}, 'config/pgha-top', link)).toThrow(/belongs to user 1000/);
	});

	it.skipIf(!isRoot)('may be of a group that only its owner has', () => {
		expect(read(all, userFile, file => chmodSync(file, 0o664))).toBe('main');
		expect(() =>
			read(all, userFile, file => {
				chownSync(file, 0, 1000);
				chmodSync(file, 0o664);
			}),
		).toThrow(/others could change/);
	});

	it('is not read if it is in a profile that is not chosen', () => {
		expect(read(all, profile, open)).toBe('main');
	});

	it('counts whoever owns it, where it is named, with its profiles', () => {
		const named = {PGHA_TOP_CONFIG_FILE: 'HERE/config/pgha-top/config.yaml', PROFILE: 'prod'};
		for (const place of [userFile, profile]) {
			expect(read(all, place, open, named)).toBe('main');
		}

		expect(() => read(all, machineFile, open, named)).toThrow(/others could change/);
		expect(() => read(all, userFile, open)).toThrow(/or name the file with PGHA_TOP_CONFIG_FILE$/);
	});

	it('is refused for recordings, too', () => {
		const folder = home(all);
		open(path.join(folder, userFile));
		const environment = {XDG_CONFIG_HOME: path.join(folder, 'config')};
		expect(() => readPreferences(environment, '/nonexistent')).toThrow(/others could change/);
	});
});

describe("patronictl's file", () => {
	const patronis = 'scope: main\netcd3: {hosts: "a:2379"}\n';
	const both = `${patronis}pgha-top: {ssh: {config_file: /tmp/x}}\n`;

	it('counts whoever owns it, as for patronictl', () => {
		expect(read({[patronictlFile]: patronis}, patronictlFile, open)).toBe('main');
		expect(read({[patronictlFile]: `${patronis}pgha-top: ~\n`}, patronictlFile, open)).toBe('main');
	});

	it('is refused with settings of pgha-top, unless it is named', () => {
		expect(() => read({[patronictlFile]: both}, patronictlFile, open)).toThrow(
			/patronictl\.yaml: others could change .*, or move its section pgha-top: to \S+etc\/pgha-top\/config\.yaml$/,
		);
		const file = `HERE/${patronictlFile}`;
		expect(read({[patronictlFile]: both}, patronictlFile, open, {CONFIG: file})).toBe('main');
		expect(read({[patronictlFile]: both}, patronictlFile, open, {PATRONICTL_CONFIG_FILE: file})).toBe('main');
	});
});
