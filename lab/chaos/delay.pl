#!/usr/bin/perl
# Holds packets back: a relay between two tap devices, which are ports of two bridges. There is no netem in every kernel.
# usage: delay.pl TAP1 TAP2 MS12 MS21 (milliseconds from TAP1 to TAP2 and back)
# Writes "ready" when both are open; ends with its standard input, and the devices with it.
use strict;
use warnings;
use Time::HiRes qw(time);

my ($one, $two, $there, $back) = @ARGV;
my @taps = map { tap($_) } $one, $two;
my @delay = ($there / 1000, $back / 1000);
my @queue = ([], []);    # of [when it is due, frame], in order, since the delay is always the same
my $most = 2000;         # frames that wait, as in a switch; more are lost
$| = 1;
print "ready\n";

while (1) {
	my $now = time;
	my $wait = 60;
	for my $from (0, 1) {
		while (@{$queue[$from]} && $queue[$from][0][0] <= $now) {
			my $frame = shift @{$queue[$from]};
			syswrite $taps[1 - $from], $frame->[1];
		}
		if (@{$queue[$from]}) {
			my $left = $queue[$from][0][0] - $now;
			$wait = $left if $left < $wait;
		}
	}
	my $ready = '';
	vec($ready, fileno($_), 1) = 1 for @taps, \*STDIN;
	next if select($ready, undef, undef, $wait) <= 0;
	exit 0 if vec($ready, fileno(STDIN), 1) && !sysread(STDIN, my $nothing, 1);
	for my $from (0, 1) {
		next unless vec($ready, fileno($taps[$from]), 1);
		next unless sysread $taps[$from], my $frame, 65536;
		push @{$queue[$from]}, [time + $delay[$from], $frame] if @{$queue[$from]} < $most;
	}
}

sub tap {
	my ($name) = @_;
	open my $file, '+<', '/dev/net/tun' or die "/dev/net/tun: $!\n";
	my $request = pack 'a16 S x22', $name, 0x0002 | 0x1000;    # IFF_TAP, IFF_NO_PI
	ioctl $file, 0x400454ca, $request or die "$name: $!\n";     # TUNSETIFF
	return $file;
}
