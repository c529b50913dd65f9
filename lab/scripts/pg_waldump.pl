#!/usr/bin/perl
# pg_waldump for WAL of PostgreSQL 16, as Patroni calls it: PostgreSQL 17's own, on copies whose pages have 17's magic number.
# Both versions have the same headers of records and the same records of checkpoints and WAL switches, which Patroni reads; the
# wal_level of a checkpoint is none of 16's.
#
# usage: pg_waldump -t TIMELINE -s LSN -n RECORDS, with the data directory in PGDATA
use strict;
use warnings;
use File::Temp qw(tempdir);

my ($magic, $readable) = (0xD113, 0xD116);
my ($page_bytes, $segment_bytes) = (8192, 16 * 1024 * 1024);

my %option = @ARGV % 2 ? () : @ARGV;
my $options = join ' ', sort keys %option;
my ($high, $low) = ($option{-s} // '') =~ m{^([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})$};
die "pg_waldump: takes -t TIMELINE -s LSN -n RECORDS only\n"
	unless $options eq '-n -s -t' && defined $low && $option{-t} =~ /^\d+$/;
my $data = $ENV{PGDATA} // die "pg_waldump: PGDATA is not set\n";

my $folder = tempdir(CLEANUP => 1);
my $per_id = 2**32 / $segment_bytes;
my $first = hex($high) * $per_id + int(hex($low) / $segment_bytes);
# A record may continue in the next segment.
for my $number ($first, $first + 1) {
	my $name = sprintf '%08X%08X%08X', $option{-t}, int($number / $per_id), $number % $per_id;
	copy($name) if $number == $first || -e "$data/pg_wal/$name";
}

# Not exec: the copies are removed at the end.
system '/usr/lib/postgresql/17/bin/pg_waldump', '-p', $folder, @ARGV;
exit($? & 127 ? 1 : $? >> 8);

sub copy {
	my ($name) = @_;
	open my $from, '<:raw', "$data/pg_wal/$name" or die "pg_waldump: $data/pg_wal/$name: $!\n";
	open my $to, '>:raw', "$folder/$name" or die "pg_waldump: $folder/$name: $!\n";
	while (read $from, my $page, $page_bytes) {
		substr($page, 0, 2) = pack 'S', $readable if unpack('S', $page) == $magic;
		print {$to} $page or die "pg_waldump: $folder/$name: $!\n";
	}
	close $to or die "pg_waldump: $folder/$name: $!\n";
}
