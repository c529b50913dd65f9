/** A package for Fedora, Red Hat Enterprise Linux, SUSE and their like. */
import {globSync, mkdirSync, renameSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {run} from '../../lab/run.ts';
import type {About} from './about.ts';
import {type Architecture, architectures} from './architecture.ts';
import {requireTool} from './tools.ts';
import {configFile, serviceUnits, sysusersFile} from './tree.ts';

type Options = {
	work: string;
	root: string;
	about: About;
	architecture: Architecture;
	target: string;
	isFast: boolean;
};

export async function makeRpm({work, root, about, architecture, target, isFast}: Options): Promise<void> {
	const rpmbuild = await requireTool('rpmbuild', 'rpm');
	const {rpm: processor} = architectures[architecture];
	mkdirSync(work, {recursive: true});
	const spec = path.join(work, 'pgha-top.spec');
	writeFileSync(spec, specFile(about, root));
	const settings = {
		_topdir: work,
		// The host's own folder of rpm must not be needed.
		_dbpath: path.join(work, 'db'),
		// xz is what the rpm of every release since 2010 can read.
		_binary_payload: isFast ? 'w1.gzdio' : 'w6.xzdio',
		_buildhost: 'localhost',
		use_source_date_epoch_as_buildtime: '1',
		clamp_mtime_to_source_date_epoch: '1',
		// Neither strips nor scans: the runtime is stripped, and says what it needs below.
		__os_install_post: '%{nil}',
		_build_id_links: 'none',
		debug_package: '%{nil}',
	};
	await run(
		rpmbuild,
		[
			...['-bb', '--quiet', '--target', `${processor}-linux`],
			...Object.entries(settings).flatMap(([name, value]) => ['--define', `${name} ${value}`]),
			spec,
		],
		{env: {SOURCE_DATE_EPOCH: String(about.time)}},
	);
	const [made] = globSync(`RPMS/${processor}/*.rpm`, {cwd: work});
	if (made === undefined) {
		throw new Error(`rpmbuild wrote no package into ${work}/RPMS/${processor}`);
	}

	renameSync(path.join(work, made), target);
}

function specFile(about: About, root: string): string {
	// The folders are of other packages.
	const files = ['man/man1', 'bash-completion', 'fish', 'zsh']
		.flatMap(folder => globSync(`usr/share/${folder}/**/*`, {cwd: root, withFileTypes: true}))
		.filter(entry => entry.isFile())
		.map(entry => `/${path.relative(root, path.join(entry.parentPath, entry.name))}`);
	return `Name: pgha-top
Version: ${about.packageVersion}
Release: 1
Summary: ${about.summary.replace(/^./, letter => letter.toUpperCase())}
License: MIT
Packager: ${about.maintainer}
AutoReqProv: no
Requires: /bin/sh
Requires: libc.so.6(GLIBC_2.28)(64bit)
Requires: libstdc++.so.6(GLIBCXX_3.4.25)(64bit)
Requires: libgcc_s.so.1()(64bit)
Recommends: openssh-clients

%description
${about.description.join('\n')}

%install
cp -a '${root}/.' '%{buildroot}/'

%files
%defattr(-,root,root,-)
%dir /etc/pgha-top
%config(noreplace) ${configFile}
/usr/bin/pgha-top
/usr/lib/pgha-top
%doc /usr/share/doc/pgha-top
${[...serviceUnits, sysusersFile].join('\n')}
${files.join('\n')}
`;
}
