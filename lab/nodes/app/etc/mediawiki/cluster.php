<?php
// What the lab sets on top of the LocalSettings.php that MediaWiki's own installer wrote: everything that the wiki
// keeps is in PostgreSQL, and anyone in the lab may write.

// Contents of uploaded files: rows of the same database, written in the same transaction as the page that names them.
$wgAutoloadClasses['PostgresFileBackend'] = '/usr/local/lib/mediawiki/PostgresFileBackend.php';
$wgFileBackends[] = [
	'name' => 'local-backend', // the one that MediaWiki uses; without this it would be a folder on the disk
	'class' => 'PostgresFileBackend',
	'lockManager' => 'nullLockManager', // the rows have locks
];
$wgEnableUploads = true;
$wgUploadPath = "$wgScriptPath/img_auth.php"; // MediaWiki's own way to hand out files that lie in no folder
$wgMaxUploadSize = 16 * 1024 * 1024; // as in Apache's cluster.conf

// Sessions and caches: in the database too, or not at all.
$wgMainCacheType = CACHE_NONE;
$wgSessionCacheType = CACHE_DB;
$wgParserCacheType = CACHE_DB;

// Any file, by any user: it is a lab.
$wgGroupPermissions['*']['upload'] = true;
$wgGroupPermissions['*']['reupload'] = true;
$wgGroupPermissions['*']['noratelimit'] = true;
$wgStrictFileExtensions = false;
$wgProhibitedFileExtensions = [];
$wgMimeTypeExclusions = [];
$wgVerifyMimeType = false;
$wgDisableUploadScriptChecks = true;

// Errors are reported to the client, too, so that a record of writes has the reason of a failed one.
$wgShowExceptionDetails = true;

// Chores after an edit (search index, links) are left undone, so that a write costs the same each time.
$wgJobRunRate = 0;
