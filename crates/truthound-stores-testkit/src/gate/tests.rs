//! A gate that loses a wake-up hangs a test; one that opens too early makes it pass by luck.

use super::*;

#[tokio::test]
async fn operations_that_come_late_find_an_open_gate() {
    let gate = Gate::new("late");
    gate.open();
    gate.pass().await;
    gate.pass().await;
    assert_eq!(gate.arrivals(), 2);
}

#[tokio::test]
async fn all_who_wait_go_on_at_once() {
    let gate = Gate::new("many");
    let waiting: Vec<_> = (0..5)
        .map(|_| {
            let gate = gate.clone();
            tokio::spawn(async move { gate.pass().await })
        })
        .collect();
    gate.reached_by(5).await;
    assert!(waiting.iter().all(|task| !task.is_finished()), "a shut gate let somebody through");
    gate.open();
    for task in waiting {
        task.await.unwrap();
    }
}
