/** The console on an etcd that answers by its JSON gateway, as each does: gRPC is not loaded. */
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {expect, it, onTestFinished} from 'vitest';
import {EtcdServer, type EtcdServerOptions} from '../support/etcd-server.ts';
import {temporaryFolder} from '../support/folder.ts';
import {loadedPackages, node, program, recordingImports} from '../support/program.ts';
import {Terminal} from '../support/terminal.ts';

/** A console that has shown a change of the leader key; what it loaded until then. */
async function afterChange(options: EtcdServerOptions): Promise<string[]> {
	const etcd = await new EtcdServer({...options, keys: {'/service/main/leader': 'pgdb1'}}).listen();
	const folder = temporaryFolder('gateway');
	const [configFile, imports] = [path.join(folder, 'patronictl.yaml'), path.join(folder, 'imports')];
	writeFileSync(configFile, `scope: main\netcd3: {hosts: "${etcd.url.replace('http://', '')}"}\n`);
	const terminal = new Terminal(node, [...recordingImports, program, '-c', configFile], {
		env: {XDG_CONFIG_HOME: '/nonexistent', XDG_STATE_HOME: folder, IMPORTS: imports},
	});
	onTestFinished(async () => {
		await terminal.kill();
		etcd.close();
	});
	await terminal.until('the leader that was read', text => /Holder +pgdb1/.test(text));
	await etcd.untilWatched();
	// What is read stays as it was, so that only the watch can show it.
	etcd.reportPut('/service/main/leader', 'pgdb2', 8);
	await terminal.until('the leader that the watch reported', text => /Holder +pgdb2/.test(text));
	return loadedPackages(imports);
}

it('the console watches etcd by its gateway, and loads no gRPC', async () => {
	const loaded = await afterChange({gateway: true});
	expect(loaded).toContain('ink');
	expect(loaded.filter(name => /^(?:etcd3|@grpc|protobufjs|cockatiel)\b/.test(name))).toEqual([]);
});

it('the console watches an etcd without a gateway over gRPC', async () => {
	expect(await afterChange({})).toContain('etcd3');
});
