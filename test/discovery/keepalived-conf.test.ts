/** keepalived.conf as people write it: virtual addresses, and what checks them. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {readKeepalived} from '../../source/discovery/keepalived-conf.ts';

const file = '/etc/keepalived/keepalived.conf';

function read(...texts: readonly string[]) {
	return readKeepalived(texts.map(text => ({path: file, text})));
}

/** `instance address:line` of each VIP. */
function vips(...texts: readonly string[]): string[] {
	return read(...texts).vips.map(({instance, address, line}) => `${instance} ${address}:${line}`);
}

describe('realistic files', () => {
	it('reads the instance in front of HAProxy with its check', () => {
		const found = read(`! Configuration File for keepalived
global_defs {
   notification_email {
     root@localhost
   }
   router_id LVS_DEVEL
   enable_script_security
}

vrrp_script chk_haproxy {           # Requires keepalived-1.1.13
        script "killall -0 haproxy"     # cheaper than pidof
        interval 2
        weight 2
}

vrrp_instance VI_1 {
        interface ens160
        state MASTER
        virtual_router_id 51
        priority 101                    # 101 on master, 100 on backup
        authentication {
            auth_type PASS
            auth_pass hunter2
        }
        unicast_src_ip 10.138.0.11
        unicast_peer {
            10.138.0.12
        }
        virtual_ipaddress {
            10.138.0.100/24 brd 10.138.0.255 dev ens160 label ens160:vip
        }
        track_script {
            chk_haproxy
        }
        notify_master "/etc/keepalived/notify.sh master"
}
`);
		expect(found.vips).toEqual([
			{
				address: '10.138.0.100',
				instance: 'VI_1',
				scripts: [{name: 'chk_haproxy', command: 'killall -0 haproxy', file, line: 11}],
				file,
				line: 30,
			},
		]);
		expect(JSON.stringify(found)).not.toContain('hunter2');
	});

	it('reads several instances, excluded addresses, IPv6, and braces in any place', () => {
		expect(
			vips(`
vrrp_sync_group G { group { A B } }
vrrp_instance A
{
  virtual_ipaddress{
    10.0.0.1
    10.0.0.2/32 dev lo
    fe80::1/64
    fd00::7/64 dev eth0
  }
  virtual_ipaddress_excluded { 10.0.0.3/24 }
  virtual_routes {
    10.9.0.0/16 via 10.0.0.254
  }
}
vrrp_instance B { state BACKUP
  virtual_ipaddress { 10.0.1.1/24 dev eth1 }
}
virtual_server 10.0.0.1 5432 {
  real_server 10.0.0.9 5432 { TCP_CHECK { connect_timeout 3 } }
}
`),
		).toEqual(['A 10.0.0.1:6', 'A 10.0.0.2:7', 'A fd00::7:9', 'A 10.0.0.3:11', 'B 10.0.1.1:17']);
	});

	it('fills in variables, and leaves out what depends on a configuration id or is not filled in', () => {
		expect(
			vips(`
$VIP=10.0.0.1/24
vrrp_instance A {
  virtual_ipaddress {
    \${VIP} dev eth0
    $VIP
    $OTHER
    @main 10.0.0.9
    {{ vip }}
    <VIRTUAL_IP>/24
  }
}
`),
		).toEqual(['A 10.0.0.1:5', 'A 10.0.0.1:6']);
	});

	it('names includes, and joins their scripts', () => {
		const main = 'include /etc/keepalived/conf.d/*.conf\nincluder "other.conf"\n# include no.conf\n';
		const other =
			'vrrp_instance A {\n virtual_ipaddress {\n  10.0.0.1\n }\n track_script { chk weight 5 }\n}\n';
		const scripts = 'vrrp_script chk {\n script /usr/local/bin/is-leader\n}\n';
		const found = read(main, other, scripts);
		expect(found.includes.map(({pattern, line}) => [pattern, line])).toEqual([
			['/etc/keepalived/conf.d/*.conf', 1],
			['other.conf', 2],
		]);
		expect(found.vips[0]?.scripts.map(({command}) => command)).toEqual(['/usr/local/bin/is-leader']);
	});
});

describe('any text', () => {
	const words = [
		...[
			'vrrp_instance X',
			'{',
			'}',
			'virtual_ipaddress',
			'10.0.0.1/24',
			'dev eth0',
			'track_script',
			'vrrp_script c',
		],
		...['script "x"', '$A=10.0.0.1', '$A', 'auth_pass', '!', '#', '"', "'", '\n', '\n', '\n'],
	];

	it('never throws, and names lines that exist', () => {
		fc.assert(
			fc.property(
				fc.array(fc.oneof(fc.constantFrom(...words), fc.string()), {maxLength: 60}).map(all => all.join(' ')),
				text => {
					const last = text.split('\n').length;
					for (const {line} of read(text).vips) {
						expect(line).toBeGreaterThan(0);
						expect(line).toBeLessThanOrEqual(last);
					}
				},
			),
			{numRuns: 300},
		);
	});

	it('bounds nesting, lines and variables', () => {
		expect(vips('a {\n'.repeat(10_000))).toEqual([]);
		expect(vips(`${'}\n'.repeat(10_000)}vrrp_instance A {\nvirtual_ipaddress {\n10.0.0.1\n}\n}`)).toEqual([
			'A 10.0.0.1:10003',
		]);
		expect(vips('$A=$A $A\n'.repeat(1000))).toEqual([]);
		expect(vips(`"${'a'.repeat(200_000)}`)).toEqual([]);
	});

	it('reads a bounded number of words where variables multiply them', () => {
		const text = `$A=${'10.0.0.1 '.repeat(64)}\nvrrp_instance one {\nvirtual_ipaddress {\n${'$A $A $A $A $A $A $A $A\n'.repeat(10_000)}}\n}\n`;
		expect(readKeepalived([{path: '/etc/keepalived/keepalived.conf', text}]).vips.length).toBeLessThanOrEqual(
			200,
		);
		const words = readKeepalived([
			{path: '/etc/keepalived/keepalived.conf', text: text.replace('virtual_ipaddress', 'track_script')},
		]);
		expect(words.vips).toEqual([]);
	});
});
