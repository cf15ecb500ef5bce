//! `object_store` has functions that say what it expects of any store. A simulation that fails them would test against a
//! world that does not exist.

use object_store::integration;
use truthound_stores_testkit::object::{Rates, SimulatedStore, Simulation, StoreOptions, Trouble};

use super::visit::{block_on, plain};

async fn conforms(store: &SimulatedStore) {
    integration::put_get_delete_list(store).await;
    integration::put_get_attributes(store).await;
    integration::put_opts(store, true).await;
    integration::list_uses_directories_correctly(store).await;
    integration::list_with_delimiter(store).await;
    integration::list_with_offset_exclusivity(store).await;
    integration::rename_and_copy(store).await;
    integration::copy_if_not_exists(store).await;
    integration::copy_rename_nonexistent_object(store).await;
    integration::multipart_out_of_order(store).await;
}

#[test]
fn s3_conforms() {
    block_on(async {
        let store = plain(StoreOptions::s3());
        conforms(&store).await;
        integration::get_opts(&store).await;
    });
}

#[test]
fn azure_conforms() {
    block_on(async {
        let store = plain(StoreOptions::azure());
        conforms(&store).await;
        integration::get_opts(&store).await;
    });
}

#[test]
fn gcs_conforms() {
    // `get_opts` wants old versions back, which a bucket without versioning does not have.
    block_on(async { conforms(&plain(StoreOptions::gcs())).await });
}

#[test]
fn pages_conform_whatever_their_size_and_order() {
    for options in [StoreOptions::s3(), StoreOptions::unsorted()] {
        block_on(async {
            let store = plain(options.clone());
            integration::list_paginated(&store, &store).await;
            conforms(&plain(options.with_page_size(2))).await;
        });
    }
}

#[test]
fn streamed_bodies_conform() {
    block_on(async { integration::stream_get(&plain(StoreOptions::s3())).await });
}

#[test]
fn a_store_conforms_in_a_simulation_too_however_slow_it_is() {
    Simulation::for_each_seed(0..3, |simulation| {
        let store = simulation.store(StoreOptions::s3());
        store.faults().set_rates(Rates::none().with(Trouble::Slow, 100));
        simulation.block_on("client", async move { conforms(&store).await });
    });
}
