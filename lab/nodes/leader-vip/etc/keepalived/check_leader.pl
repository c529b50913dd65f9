#!/usr/bin/perl
# Does Patroni on this node answer that it is the primary? Only then keepalived may hold the VIP here.
use strict;
use warnings;
use IO::Socket::INET;

alarm 2;
my $patroni = IO::Socket::INET->new(PeerAddr => '127.0.0.1:8008', Timeout => 1) or exit 1;
print $patroni "OPTIONS /primary HTTP/1.0\r\n\r\n";
my $status = <$patroni> // '';
exit($status =~ m{^HTTP/1\.[01] 200 } ? 0 : 1);
