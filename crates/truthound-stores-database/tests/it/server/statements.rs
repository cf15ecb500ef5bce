//! How many statements a batch takes: each is a round trip to a server, and thousands of them once were what a batch took its time for.

use truthound_stores_core::{PutOptions, Store};
use truthound_stores_database::{DatabaseStore, PoolingConfig};

use super::{config, fresh, on_each, run};
use crate::told::Told;

/// Names the statements that were told, those of one kind that follow each other as one.
fn kinds(told: &[String]) -> Vec<String> {
    let mut kinds: Vec<(String, u32)> = Vec::new();
    for line in told {
        let statement = line.strip_prefix("truthound_stores_database::sql statement=").unwrap();
        let words: Vec<&str> = statement.split_whitespace().collect();
        let kind = match words[0] {
            verb @ ("INSERT" | "DELETE") => {
                let table = words.iter().skip_while(|word| !["INTO", "FROM"].contains(word)).nth(1).unwrap();
                format!("{verb} {}", table.trim_matches(['"', '`']))
            }
            // The databases have words of their own for it.
            "START" | "BEGIN" => "BEGIN".to_owned(),
            verb => verb.to_owned(),
        };
        match kinds.last_mut() {
            Some((last, times)) if *last == kind => *times += 1,
            _ => kinds.push((kind, 1)),
        }
    }
    kinds.into_iter().map(|(kind, times)| format!("{times} {kind}")).collect()
}

/// Saves a thousand documents with one tag each; answers by which statements.
async fn save(store: &DatabaseStore, told: &Told) -> Vec<String> {
    told.take();
    let batch = (0..1_000).map(|number| run(&format!("run_{number:03}"))).collect();
    for written in store.put_many(batch, PutOptions::default()).await {
        written.unwrap();
    }
    kinds(&told.take())
}

async fn a_batch_takes_few_statements(url: &str) {
    let told = Told::default();
    let _guard = tracing::subscriber::set_default(told.clone());
    // What a health check asks is told, too.
    let pooling = PoolingConfig::new().with_enable_health_checks(false);
    let config = config(url, &fresh()).with_pooling(pooling).with_echo(true);
    let store = DatabaseStore::open(config).await.unwrap();
    let (new, over) = (save(&store, &told).await, save(&store, &told).await);
    if url.starts_with("postgres") {
        assert_eq!(new, ["1 WITH"]);
        let expected = [
            // That all of them are taken, it finds out by the statement for new ones.
            "1 WITH",
            "1 BEGIN",
            "1 SELECT",
            "4 DELETE test_record_tags",
            "1 INSERT test_records",
            "1 INSERT test_record_tags",
            "1 INSERT test_changes",
            "1 COMMIT",
        ];
        assert_eq!(over, expected);
    } else {
        let expected = [
            "1 BEGIN",
            "4 INSERT test_records",
            "1 INSERT test_record_tags",
            "4 INSERT test_changes",
            "1 COMMIT",
        ];
        assert_eq!(new, expected);
        let expected = [
            "1 BEGIN",
            "1 INSERT test_records",
            "1 ROLLBACK",
            "1 BEGIN",
            "4 SELECT",
            "4 DELETE test_record_tags",
            "4 INSERT test_records",
            "1 INSERT test_record_tags",
            "4 INSERT test_changes",
            "1 COMMIT",
        ];
        assert_eq!(over, expected);
    }
}

on_each!(a_batch_takes_few_statements);
