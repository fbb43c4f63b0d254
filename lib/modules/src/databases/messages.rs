//! Log messages of the libraries of databases.

kotare_messages::messages! {
    Info "mysql-lb-hooks" MYSQL_DEINIT_OK() = "unloading MySQL hooks library successful";
    Info "mysql-lb-hooks" MYSQL_INIT_OK() = "loading MySQL hooks library successful";
    Info "pgsql-lb-hooks" PGSQL_DEINIT_OK() = "unloading PostgreSQL hooks library successful";
    Info "pgsql-lb-hooks" PGSQL_INIT_OK() = "loading PostgreSQL hooks library successful";
}
