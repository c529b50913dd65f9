<?php
// A MediaWiki file backend that keeps uploaded files as rows of the wiki's own PostgreSQL database. It goes through the
// connection that the request has, so a file is committed, or lost, together with the page that names it.

use MediaWiki\MediaWikiServices;

class PostgresFileBackend extends FileBackendStore {
	private const TABLE = 'file_content';
	// MediaWiki 1.39 has variables for these and 1.43 constants; their values are the same.
	private const ABSENT = false;
	private const ERROR = null;

	public function getFeatures() {
		return self::ATTR_UNICODE_PATHS;
	}

	public function isPathUsableInternal( $storagePath ) {
		return $this->keyOf( $storagePath ) !== null;
	}

	protected function directoriesAreVirtual() {
		return true;
	}

	protected function doCreateInternal( array $params ) {
		return $this->put( $params['dst'], $params['content'] );
	}

	protected function doStoreInternal( array $params ) {
		$data = is_readable( $params['src'] ) ? file_get_contents( $params['src'] ) : false;
		if ( $data === false ) {
			return $this->failed( 'backend-fail-store', $params['src'], $params['dst'] );
		}
		return $this->put( $params['dst'], $data );
	}

	protected function doCopyInternal( array $params ) {
		$data = $this->contentOf( $this->keyOf( $params['src'] ) );
		if ( $data === null ) {
			return empty( $params['ignoreMissingSource'] )
				? $this->failed( 'backend-fail-copy', $params['src'], $params['dst'] )
				: $this->newStatus();
		}
		return $this->put( $params['dst'], $data );
	}

	protected function doMoveInternal( array $params ) {
		$status = $this->doCopyInternal( $params );
		if ( $status->isOK() ) {
			$this->remove( $this->keyOf( $params['src'] ) );
		}
		return $status;
	}

	protected function doDeleteInternal( array $params ) {
		if ( $this->remove( $this->keyOf( $params['src'] ) ) || !empty( $params['ignoreMissingSource'] ) ) {
			return $this->newStatus();
		}
		return $this->failed( 'backend-fail-delete', $params['src'] );
	}

	protected function doGetFileStat( array $params ) {
		$key = $this->keyOf( $params['src'] );
		if ( $key === null ) {
			return self::ERROR;
		}
		$row = $this->database()->selectRow(
			self::TABLE, [ 'fc_mtime', 'fc_size', 'fc_sha1' ], [ 'fc_path' => $key ], __METHOD__
		);
		if ( !$row ) {
			return self::ABSENT;
		}
		return [ 'mtime' => wfTimestamp( TS_MW, $row->fc_mtime ), 'size' => (int)$row->fc_size, 'sha1' => $row->fc_sha1 ];
	}

	/** Each file as a temporary one, gone with the request: that is what MediaWiki streams and measures. */
	protected function doGetLocalCopyMulti( array $params ) {
		$copies = [];
		foreach ( $params['srcs'] as $path ) {
			$data = $this->contentOf( $this->keyOf( $path ) );
			if ( $data === null ) {
				$copies[$path] = self::ABSENT;
				continue;
			}
			$file = $this->tmpFileFactory->newTempFSFile( 'localcopy_', FileBackend::extensionFromPath( $path ) );
			$written = $file ? file_put_contents( $file->getPath(), $data ) : false;
			$copies[$path] = $written === strlen( $data ) ? $file : self::ERROR;
		}
		return $copies;
	}

	protected function doDirectoryExists( $container, $dir, array $params ) {
		return $this->pathsBelow( $container, $dir ) !== [];
	}

	public function getDirectoryListInternal( $container, $dir, array $params ) {
		$found = [];
		foreach ( $this->pathsBelow( $container, $dir ) as $path ) {
			for ( $folder = dirname( $path ); $folder !== '.'; $folder = dirname( $folder ) ) {
				if ( empty( $params['topOnly'] ) || !str_contains( $folder, '/' ) ) {
					$found[$folder] = true;
				}
			}
		}
		return array_keys( $found );
	}

	public function getFileListInternal( $container, $dir, array $params ) {
		return array_values( array_filter(
			$this->pathsBelow( $container, $dir ),
			static fn ( $path ) => empty( $params['topOnly'] ) || !str_contains( $path, '/' )
		) );
	}

	private function put( string $path, string $data ) {
		$key = $this->keyOf( $path );
		if ( $key === null ) {
			return $this->failed( 'backend-fail-invalidpath', $path );
		}
		$database = $this->database();
		$database->replace( self::TABLE, [ [ 'fc_path' ] ], [
			'fc_path' => $key,
			'fc_mtime' => $database->timestamp(),
			'fc_sha1' => Wikimedia\base_convert( sha1( $data ), 16, 36, 31 ),
			'fc_size' => strlen( $data ),
			'fc_data' => $database->encodeBlob( $data ),
		], __METHOD__ );
		return $this->newStatus();
	}

	private function contentOf( ?string $key ): ?string {
		if ( $key === null ) {
			return null;
		}
		$database = $this->database();
		$data = $database->selectField( self::TABLE, 'fc_data', [ 'fc_path' => $key ], __METHOD__ );
		return $data === false ? null : $database->decodeBlob( $data );
	}

	private function remove( ?string $key ): bool {
		if ( $key === null ) {
			return false;
		}
		$database = $this->database();
		$database->delete( self::TABLE, [ 'fc_path' => $key ], __METHOD__ );
		return $database->affectedRows() > 0;
	}

	/** Paths of all files below a folder, relative to it. */
	private function pathsBelow( string $container, string $dir ): array {
		$prefix = rtrim( "$container/$dir", '/' ) . '/';
		$database = $this->database();
		$like = 'fc_path' . $database->buildLike( $prefix, $database->anyString() );
		$paths = $database->selectFieldValues( self::TABLE, 'fc_path', [ $like ], __METHOD__ );
		return array_map( static fn ( $path ) => substr( $path, strlen( $prefix ) ), $paths );
	}

	private function keyOf( string $storagePath ): ?string {
		[ $container, $path ] = $this->resolveStoragePathReal( $storagePath );
		return $path === null ? null : rtrim( "$container/$path", '/' );
	}

	private function failed( string ...$message ) {
		$status = $this->newStatus();
		$status->fatal( ...$message );
		return $status;
	}

	private function database() {
		return MediaWikiServices::getInstance()->getDBLoadBalancer()->getConnection( DB_PRIMARY );
	}
}
